package dev.shortwave.tools.tier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.tools.tier.Judgement.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TierReportTest {

    @TempDir
    Path folder;

    @ParameterizedTest(name = "others {0}, host {1}, quick {2}, p95 {3}, wrong {4}: {5}")
    @CsvSource({
        "10, 0, no, met, met, MET, yes",
        "160, 0, no, met, met, NOT_COMPARABLE, no",
        "0, 80, no, met, met, NOT_COMPARABLE, no",
        "160, 0, no, missed, met, NOT_COMPARABLE, no",
        "10, 0, no, missed, met, MISSED, yes",
        // What is wrong is wrong on a busy machine too.
        "160, 0, no, met, missed, MISSED, no",
        "160, 0, yes, met, met, MET, no"
    })
    void judgesARunByWhatOthersTook(
            int others, int host, String quick, String speed, String correctness, Verdict verdict, String comparable)
            throws IOException {
        TierReport report = new TierReport(new RunFolder(folder)
                .load(40, others, host)
                .fact("quick", quick)
                .k6("http_req_duration{name:redirect}\tthreshold p(95)<5", speed)
                .k6("wrong\tthreshold count<1", correctness)
                .run());

        report.write(Optional.empty());

        assertThat(report.verdict()).isEqualTo(verdict);
        List<String> lines = Files.readAllLines(folder.resolve("report.md"));
        assertThat(lines.get(0)).isEqualTo("# bronze: " + verdict.text());
        assertThat(folder.resolve("verdict.tsv"))
                .content()
                .contains("comparable\t" + comparable + "\n")
                .contains("verdict\t" + verdict.text().replace("objective ", "") + "\n")
                .contains("processors that others took\t%s\n"
                        .formatted(others + host == 10 ? "0.10" : others + host == 80 ? "0.80" : "1.60"));
        if (comparable.equals("yes")) {
            assertThat(lines).noneMatch(line -> line.contains("Warning"));
            assertThat(printed(report)).doesNotContainIgnoringCase("warning");
        } else {
            assertThat(lines.get(2)).startsWith("**Warning: others took");
            assertThat(printed(report)).contains("\nWARNING others took");
        }
    }

    @Test
    void writesWhatTheRunFound() throws IOException {
        TierReport report = new TierReport(new RunFolder(folder)
                .fact("commit", "abc with changes")
                .k6("http_req_duration{name:redirect}\tmed", "1.5")
                .run());

        report.write(Optional.empty());

        assertThat(folder.resolve("report.md")).content().isEqualTo("""
                        # bronze: objective met

                        now, local mode, test

                        | objective | | found |
                        |---|---|---|
                        | redirects, ms: p(95)<5 | met | p95 3.00 ms, p99 NaN ms |
                        | wrong: count<1 | met | 0 of 1,000 answers |
                        | k6 ended regularly | met | exit code 0 |
                        | served = booked | met | 1,000 served, 1,000 booked, 1,000 counted |

                        | figure | this run |
                        |---|--:|
                        | requests per second | 100 |
                        | redirects answered | 1,000 |
                        | median, ms | 1.50 |
                        | p95, ms | 3 |
                        | wrong answers | 0 |
                        | largest JVM, MiB resident | 195.31 |
                        | clicks booked - served | 0 |
                        | processors that others took | 0.10 |

                        **Bottleneck:** nothing: the users' own pace was the limit, and nothing ran out.

                        - 35 % of 2 cores busy, of that 0.40 cores ours; 0 % taken by other guests of the host
                        - app1: 0.20 cores
                        - k6: 0.20 cores
                        - HAProxy: at most NaN of NaN connections, NaN requests queued, 0 retried, 0 sent to another JVM
                        - HAProxy waited NaN ms for an answer of a JVM in the median second, NaN ms in the worst; the rest of what users measured passed between them and HAProxy
                        - the metrics of the JVMs were out of reach: see fleet/sampler.log

                        | answers | |
                        |---|--:|
                        | redirects (302) | 1,000 |
                        | unknown codes (404, as it should be) | 0 |
                        | creates (201) | 0 |
                        | writes refused (429, 503) | 0 |
                        | writes broken off (502, 504, no answer) | 0 |
                        | wrong | 0 |

                        No charts: k6 left no recording of its dashboard.

                        | JVM | cores | resident, MiB | collecting garbage | clicks pending, KiB |
                        |---|--:|--:|--:|--:|
                        | app1 | 0.20 | 195 | – | – |

                        The first two were measured every second; the others are from the JVMs' own metrics, and from moments apart: what was in between is not seen. –: there were none, or too few.

                        | | |
                        |---|---|
                        | commit | abc with changes |

                        k6 ran on the machine named here; in local and compose mode that is the service's own, and it takes processor time from it. More: [k6's report](k6.html), [summary.json](summary.json), samples.tsv.
                        """);
    }

    @Test
    void comparesWithAPreviousRun(@TempDir Path previous) throws IOException {
        new TierReport(new RunFolder(previous)
                        .k6("http_req_duration{name:redirect}\tp(95)", "2")
                        .run())
                .write(Optional.empty());

        new TierReport(new RunFolder(folder).run()).write(Optional.of(previous));

        assertThat(folder.resolve("report.md"))
                .content()
                .contains("| figure | this run | before | change |")
                .contains("| p95, ms | 3 | 2 | +50 % |")
                .contains("| wrong answers | 0 | 0 |  |")
                .contains("Before: " + previous.getFileName() + ".");
    }

    private static String printed(TierReport report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        report.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
