package dev.shortwave.tools.tier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A line chart over time as SVG, readable on light and dark pages. */
final class Chart {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 300;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 40;
    private static final int MAX_INTERVALS = 8;
    private static final int MIN_INTERVALS = 4;
    private static final double[] SECOND_STEPS = {15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400};
    private static final String[] COLOURS = {"#2f6fde", "#d9822b", "#c23030", "#29a634", "#8f398f", "#00998c", "#738091"
    };

    private record Line(String name, List<double[]> points) {}

    private final String title;
    private final List<Line> lines = new ArrayList<>();

    Chart(String title) {
        this.title = title;
    }

    /** Points are seconds and value; those that are not numbers are left out. */
    Chart line(String name, List<double[]> points) {
        lines.add(new Line(
                name, points.stream().filter(point -> !Double.isNaN(point[1])).toList()));
        return this;
    }

    String svg() {
        double seconds = Math.max(1, largest(0));
        double most = Math.max(largest(1), 1e-9);
        double valueStep = step(most);
        int valueTicks = (int) Math.ceil(most / valueStep - 1e-9);
        double top = valueStep * valueTicks;
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH,
                HEIGHT);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
        add(svg, "<text x=\"%d\" y=\"20\" font-size=\"14\" font-weight=\"bold\">%s</text>", LEFT, title);
        for (int tick = 0; tick <= valueTicks; tick++) {
            double y = y(valueStep * tick, top);
            add(
                    svg,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#d3d8de\"/>",
                    LEFT,
                    WIDTH - RIGHT,
                    y,
                    y);
            add(
                    svg,
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    LEFT - 8,
                    y + 4,
                    label(valueStep * tick, valueStep));
        }
        double secondStep = secondStep(seconds);
        for (int tick = 0; secondStep * tick <= seconds * (1 + 1e-9); tick++) {
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s s</text>",
                    x(secondStep * tick, seconds),
                    HEIGHT - 14,
                    label(secondStep * tick, secondStep));
        }
        int legend = WIDTH - RIGHT;
        for (int index = lines.size() - 1; index >= 0; index--) {
            Line line = lines.get(index);
            String colour = COLOURS[index % COLOURS.length];
            StringBuilder path = new StringBuilder();
            for (double[] point : line.points()) {
                path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point[0], seconds), y(point[1], top)));
            }
            add(
                    svg,
                    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"%s\"/>",
                    colour,
                    path.toString().strip());
            add(svg, "<text x=\"%d\" y=\"36\" text-anchor=\"end\" fill=\"%s\">%s</text>", legend, colour, line.name());
            legend -= 7 * line.name().length() + 18;
        }
        return svg.append("</svg>\n").toString();
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private double largest(int coordinate) {
        return lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(point -> point[coordinate])
                .max()
                .orElse(0);
    }

    /** The distance of two ticks: the smallest 1, 2 or 5 times a power of ten that makes at most {@link #MAX_INTERVALS}. */
    private static double step(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(range)) - 1);
        return Arrays.stream(new double[] {1, 2, 5, 10})
                .map(factor -> factor * power)
                .filter(step -> range / step <= MAX_INTERVALS)
                .findFirst()
                .orElse(20 * power);
    }

    /** As {@link #step}, but in quarters and multiples of a minute or an hour where there are some. */
    private static double secondStep(double seconds) {
        return Arrays.stream(SECOND_STEPS)
                .filter(step -> seconds >= MIN_INTERVALS * step && seconds <= MAX_INTERVALS * step)
                .findFirst()
                .orElseGet(() -> step(seconds));
    }

    /** With as many decimals as tell two ticks apart, and no more. */
    private static String label(double value, double step) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    private static double x(double second, double seconds) {
        return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds;
    }

    private static double y(double value, double top) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    }
}
