package dev.shortwave.tools.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each label of an axis has the value of its place. */
class ChartTest {

    private static final double LEFT = 70;
    private static final double RIGHT = 840;
    private static final double TOP = 44;
    private static final double BOTTOM = 260;
    private static final Pattern SECONDS =
            Pattern.compile("<text x=\"([0-9.]+)\" y=\"286\" text-anchor=\"middle\">([0-9.,]+) s</text>");
    private static final Pattern VALUES =
            Pattern.compile("<text x=\"62\" y=\"([0-9.]+)\" text-anchor=\"end\">([0-9.,]+)</text>");

    private record Tick(double place, double value) {}

    @Test
    void labelsTheAxesOfAnyRange() {
        for (double seconds = 1; seconds < 300_000; seconds *= 1.037) {
            double rounded = Math.rint(seconds * 10) / 10;
            for (double most :
                    new double[] {1e-6, 0.0123, seconds / 7, 1, 8, 9, 9.01, 80.5, 99, 100, 101, 2_500, seconds * 997}) {
                check(rounded, most);
            }
        }
    }

    @Test
    void labelsTheAxesOfAnyDuration() {
        for (int seconds = 1; seconds <= 7_300; seconds++) {
            check(seconds, seconds);
        }
    }

    @Test
    void leavesOutWhatIsNoNumber() {
        String svg = new Chart("Test")
                .line("line", List.of(new double[] {0, 0}, new double[] {1, Double.NaN}, new double[] {2, 4}))
                .svg();
        assertThat(svg).contains("points=\"70.0,260.0 840.0,44.0\"").doesNotContain("NaN");
    }

    private static void check(double seconds, double most) {
        String svg = new Chart("Test")
                .line("line", List.of(new double[] {0, 0}, new double[] {seconds, most}))
                .svg();
        String chart = seconds + " s, up to " + most;
        check(chart, ticks(SECONDS, svg), LEFT, (RIGHT - LEFT) / seconds);
        List<Tick> vertical = ticks(VALUES, svg).stream()
                .map(tick -> new Tick(tick.place() - 4, tick.value()))
                .toList();
        Tick last = vertical.get(vertical.size() - 1);
        assertThat(last.value()).as(chart).isGreaterThanOrEqualTo(most * (1 - 1e-9));
        assertThat(last.place()).as(chart).isCloseTo(TOP, within(0.11));
        check(chart, vertical, BOTTOM, (TOP - BOTTOM) / last.value());
    }

    private static void check(String chart, List<Tick> ticks, double origin, double scale) {
        assertThat(ticks).as(chart).hasSizeBetween(4, 10);
        assertThat(ticks.get(0).value()).as(chart).isZero();
        double step = ticks.get(1).value();
        for (int index = 0; index < ticks.size(); index++) {
            Tick tick = ticks.get(index);
            assertThat(tick.value()).as(chart).isCloseTo(index * step, within(step * 1e-6));
            assertThat(tick.place() - origin).as(chart).isCloseTo(tick.value() * scale, within(0.11));
        }
    }

    private static List<Tick> ticks(Pattern pattern, String svg) {
        return pattern.matcher(svg)
                .results()
                .map(tick -> new Tick(
                        Double.parseDouble(tick.group(1)),
                        Double.parseDouble(tick.group(2).replace(",", ""))))
                .toList();
    }
}
