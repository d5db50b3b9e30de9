package dev.shortwave.tools.http;

import java.util.Arrays;
import java.util.List;

/** A page of metrics in Prometheus' text format. */
public record Metrics(List<Sample> samples) {

    /** One line; labels are what is between the braces, or empty. */
    public record Sample(String name, String labels, double value) {}

    public static Metrics parse(String page) {
        return new Metrics(page.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Metrics::sample)
                .toList());
    }

    private static Sample sample(String line) {
        int space = line.lastIndexOf(' ');
        int brace = line.indexOf('{');
        String name = line.substring(0, brace < 0 ? space : brace);
        String labels = brace < 0 ? "" : line.substring(brace + 1, line.lastIndexOf('}'));
        return new Sample(name, labels, number(line.substring(space + 1)));
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** The sum of all series of a name that have these labels, such as {@code area="heap"}; NaN if there are none. */
    public double sum(String name, String... labels) {
        return samples.stream()
                .filter(sample ->
                        sample.name().equals(name) && Arrays.stream(labels).allMatch(sample.labels()::contains))
                .mapToDouble(Sample::value)
                .reduce(Double::sum)
                .orElse(Double.NaN);
    }
}
