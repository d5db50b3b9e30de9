import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Holds the charts of a tier's report to their axes: each label says the value of the place where it stands. */
public final class ChartTest {

    private static final double LEFT = 70;
    private static final double RIGHT = 840;
    private static final double TOP = 44;
    private static final double BOTTOM = 260;
    private static final Pattern SECONDS = Pattern.compile("<text x=\"([0-9.]+)\" y=\"286\" text-anchor=\"middle\">([0-9.,]+) s</text>");
    private static final Pattern VALUES = Pattern.compile("<text x=\"62\" y=\"([0-9.]+)\" text-anchor=\"end\">([0-9.,]+)</text>");

    private record Tick(double place, double value) {}

    private ChartTest() {}

    public static void main(String[] arguments) {
        int charts = 0;
        for (double seconds = 1; seconds < 300_000; seconds *= 1.037) {
            for (double most : new double[] {1e-6, 0.0123, seconds / 7, 1, 8, 9, 9.01, 80.5, 99, 100, 101, 2_500, seconds * 997}) {
                check(Math.rint(seconds * 10) / 10, most);
                charts++;
            }
        }
        for (int seconds = 1; seconds <= 7_300; seconds++) {
            check(seconds, seconds);
            charts++;
        }
        System.out.println(charts + " charts are right");
    }

    private static void check(double seconds, double most) {
        String svg = new Chart("Test").line("line", List.of(new double[] {0, 0}, new double[] {seconds, most})).svg();
        String chart = seconds + " s, up to " + most;
        List<Tick> horizontal = ticks(SECONDS, svg);
        check(chart, horizontal, LEFT, (RIGHT - LEFT) / seconds);
        List<Tick> vertical = ticks(VALUES, svg).stream().map(tick -> new Tick(tick.place() - 4, tick.value())).toList();
        Tick last = vertical.get(vertical.size() - 1);
        require(last.value() >= most * (1 - 1e-9) && Math.abs(last.place() - TOP) < 0.11, chart, "the top is " + last);
        check(chart, vertical, BOTTOM, (TOP - BOTTOM) / last.value());
    }

    private static void check(String chart, List<Tick> ticks, double origin, double scale) {
        require(ticks.size() >= 4 && ticks.size() <= 10, chart, ticks.size() + " ticks: " + ticks);
        require(ticks.get(0).value() == 0, chart, "it begins with " + ticks.get(0));
        double step = ticks.get(1).value();
        for (int index = 0; index < ticks.size(); index++) {
            Tick tick = ticks.get(index);
            require(Math.abs(tick.value() - index * step) <= step * 1e-6, chart, tick + " is no multiple of " + step);
            require(Math.abs(tick.place() - origin - tick.value() * scale) < 0.11, chart, tick + " stands in a wrong place");
        }
    }

    private static List<Tick> ticks(Pattern pattern, String svg) {
        List<Tick> ticks = new ArrayList<>();
        Matcher matcher = pattern.matcher(svg);
        while (matcher.find()) {
            ticks.add(new Tick(Double.parseDouble(matcher.group(1)), Double.parseDouble(matcher.group(2).replace(",", ""))));
        }
        return ticks;
    }

    private static void require(boolean condition, String chart, String what) {
        if (!condition) {
            throw new AssertionError(chart + ": " + what);
        }
    }
}
