import java.util.ArrayList;
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
    private static final String[] COLOURS = {"#2f6fde", "#d9822b", "#c23030", "#29a634", "#8f398f", "#00998c", "#738091"};

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
        double top = rounded(Math.max(largest(1), 1e-9));
        StringBuilder svg = new StringBuilder();
        add(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">", WIDTH, HEIGHT);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
        add(svg, "<text x=\"%d\" y=\"20\" font-size=\"14\" font-weight=\"bold\">%s</text>", LEFT, title);
        for (int tick = 0; tick <= 4; tick++) {
            double value = top * tick / 4;
            double y = y(value, top);
            add(svg, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#d3d8de\"/>", LEFT, WIDTH - RIGHT, y, y);
            add(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 4, label(value));
            double second = seconds * tick / 4;
            add(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f s</text>", x(second, seconds), HEIGHT - 14, second);
        }
        int legend = WIDTH - RIGHT;
        for (int index = lines.size() - 1; index >= 0; index--) {
            Line line = lines.get(index);
            String colour = COLOURS[index % COLOURS.length];
            StringBuilder path = new StringBuilder();
            for (double[] point : line.points()) {
                path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point[0], seconds), y(point[1], top)));
            }
            add(svg, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"%s\"/>", colour, path.toString().strip());
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

    /** The next of 1, 2, 2.5, 5 or 10 times a power of ten. */
    private static double rounded(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double factor : new double[] {1, 2, 2.5, 5}) {
            if (value <= factor * power) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static String label(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, "%.3g", value);
    }

    private static double x(double second, double seconds) {
        return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds;
    }

    private static double y(double value, double top) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    }
}
