package dev.shortwave.tools.tier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What {@link ResourceSampler} saw, as series over time. */
final class Samples {

    /** One value at one time, in milliseconds since 1970. */
    record Sample(long at, double value) {}

    private final Map<String, Map<String, List<Sample>>> subjectToMeasures = new TreeMap<>();

    /** The last ones, after the load as well. */
    private final Map<String, Double> subjectAndMeasureToLast = new TreeMap<>();

    static Samples read(Path file) throws IOException {
        return parse(Files.exists(file) ? Files.readAllLines(file) : List.of());
    }

    /** Reads lines of the sampler; one that it did not finish is left out. */
    static Samples parse(List<String> text) {
        Samples samples = new Samples();
        List<String[]> lines = text.stream()
                .map(line -> line.split("\t", -1))
                .filter(fields -> fields.length == 4)
                .toList();
        // What came after the load is not part of the run.
        long end = lines.stream()
                .filter(fields -> fields[1].equals("k6"))
                .mapToLong(fields -> Long.parseLong(fields[0]))
                .max()
                .orElse(Long.MAX_VALUE);
        for (String[] fields : lines) {
            long at = Long.parseLong(fields[0]);
            samples.subjectAndMeasureToLast.put(fields[1] + "\t" + fields[2], Double.parseDouble(fields[3]));
            if (at <= end) {
                samples.subjectToMeasures
                        .computeIfAbsent(fields[1], subject -> new TreeMap<>())
                        .computeIfAbsent(fields[2], measure -> new ArrayList<>())
                        .add(new Sample(at, Double.parseDouble(fields[3])));
            }
        }
        return samples;
    }

    List<String> subjects() {
        return List.copyOf(subjectToMeasures.keySet());
    }

    List<Sample> series(String subject, String measure) {
        return subjectToMeasures.getOrDefault(subject, Map.of()).getOrDefault(measure, List.of());
    }

    /** What was seen last, when the load was over and its clicks were booked. */
    double afterTheRun(String subject, String measure) {
        return subjectAndMeasureToLast.getOrDefault(subject + "\t" + measure, Double.NaN);
    }

    double largest(String subject, String measure) {
        return series(subject, measure).stream()
                .mapToDouble(Sample::value)
                .max()
                .orElse(Double.NaN);
    }

    /** The largest that any subject had; 0 if none has this measure. */
    double largestOfAll(String measure) {
        return largestOfAll(subject -> largest(subject, measure));
    }

    /** The largest mean of a subject over a part of the run, from 0 to 1; 0 if none has this measure. */
    double largestMeanOfAll(String measure, double from, double to) {
        return largestOfAll(subject -> mean(subject, measure, from, to));
    }

    private double largestOfAll(ToDoubleFunction<String> value) {
        return subjects().stream()
                .mapToDouble(value)
                .filter(found -> !Double.isNaN(found))
                .max()
                .orElse(0);
    }

    /** The mean over a part of the run, from 0 to 1. */
    double mean(String subject, String measure, double from, double to) {
        List<Sample> series = series(subject, measure);
        return series.subList((int) (from * series.size()), (int) Math.ceil(to * series.size())).stream()
                .mapToDouble(Sample::value)
                .average()
                .orElse(Double.NaN);
    }

    double median(String subject, String measure) {
        double[] values = series(subject, measure).stream()
                .mapToDouble(Sample::value)
                .sorted()
                .toArray();
        return values.length == 0 ? Double.NaN : values[values.length / 2];
    }

    /** How much a count has grown; one that began again, because its process did, goes on from there. */
    double growth(String subject, String measure) {
        double sum = 0;
        double before = Double.NaN;
        for (Sample sample : series(subject, measure)) {
            sum += Double.isNaN(before) ? 0 : sample.value() >= before ? sample.value() - before : sample.value();
            before = sample.value();
        }
        return sum;
    }

    /** What a count grew by in each second: points of seconds since the first sample, and value. */
    List<double[]> rates(String subject, String measure) {
        List<double[]> rates = new ArrayList<>();
        List<Sample> series = series(subject, measure);
        long began = subjectToMeasures.values().stream()
                .flatMap(measures -> measures.values().stream())
                .mapToLong(any -> any.get(0).at())
                .min()
                .orElse(0);
        for (int index = 1; index < series.size(); index++) {
            Sample before = series.get(index - 1);
            Sample sample = series.get(index);
            if (sample.value() >= before.value() && sample.at() > before.at()) {
                double rate = (sample.value() - before.value()) * 1000 / (sample.at() - before.at());
                rates.add(new double[] {(sample.at() - began) / 1000.0, rate});
            }
        }
        return rates;
    }

    /** Some of the subjects. */
    Samples only(Predicate<String> chosen) {
        Samples some = new Samples();
        subjectToMeasures.forEach((subject, measures) -> {
            if (chosen.test(subject)) {
                some.subjectToMeasures.put(subject, measures);
            }
        });
        return some;
    }

    /** What was seen at the end of the run. */
    Samples last(int seconds) {
        long end = subjectToMeasures.values().stream()
                .flatMap(measures -> measures.values().stream())
                .mapToLong(series -> series.get(series.size() - 1).at())
                .max()
                .orElse(0);
        Samples some = new Samples();
        subjectToMeasures.forEach((subject, measures) -> measures.forEach((measure, series) -> {
            List<Sample> late = series.stream()
                    .filter(sample -> sample.at() >= end - seconds * 1000L)
                    .toList();
            if (!late.isEmpty()) {
                some.subjectToMeasures
                        .computeIfAbsent(subject, any -> new TreeMap<>())
                        .put(measure, late);
            }
        }));
        return some;
    }

    /** How long this was looked at. */
    double seconds(String subject, String measure) {
        List<Sample> series = series(subject, measure);
        return series.size() < 2
                ? Double.NaN
                : (series.get(series.size() - 1).at() - series.get(0).at()) / 1000.0;
    }

    /** The growth of a count in a second. */
    double rate(String subject, String measure) {
        List<Sample> series = series(subject, measure);
        return series.size() < 2
                ? Double.NaN
                : growth(subject, measure)
                        * 1000.0
                        / (series.get(series.size() - 1).at() - series.get(0).at());
    }
}
