package dev.shortwave.tools.tier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.tools.tier.Judgement.Objective;
import dev.shortwave.tools.tier.Judgement.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgementTest {

    @TempDir
    Path folder;

    private static Judgement judge(RunFolder folder) throws IOException {
        TierRun run = folder.run();
        return Judgement.of(run, OtherLoad.find(run.samples(), run.cores()));
    }

    private static Objective objective(Judgement judgement, String name) {
        return judgement.objectives().stream()
                .filter(objective -> objective.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000, MET", "999, 999, MISSED", "1001, 1001, MISSED", "1000, 999, MISSED"})
    void wantsEveryServedRedirectBooked(int booked, int counters, Verdict verdict) throws IOException {
        Judgement judgement = judge(new RunFolder(folder)
                .fact("booked", Integer.toString(booked))
                .fact("counters", Integer.toString(counters)));
        assertThat(judgement.verdict()).isEqualTo(verdict);
        assertThat(judgement.figures()).containsEntry("clicks booked - served", booked - 1000.0);
    }

    @Test
    void doesNotJudgeWhatWasNotCounted() throws IOException {
        Judgement judgement = judge(new RunFolder(folder).fact("booked", "").fact("counters", ""));
        assertThat(judgement.verdict()).isEqualTo(Verdict.MET);
        assertThat(judgement.objectives())
                .noneMatch(objective -> objective.name().contains("booked"));
    }

    @ParameterizedTest
    @CsvSource({"0, MET", "99, MET", "107, MISSED"})
    void wantsK6ToEndRegularly(String exitCode, Verdict verdict) throws IOException {
        assertThat(judge(new RunFolder(folder).fact("k6 exit code", exitCode)).verdict())
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"'10 10 40 0', MET", "'10 9 40 0', MISSED", "'10 10 40 1', MISSED", "'open', MISSED", "'', MISSED"})
    void wantsIdleClientsToKeepTheirConnections(String counts, Verdict verdict) throws IOException {
        assertThat(judge(new RunFolder(folder).fact("idle clients", "10").fact("idle clients at the end", counts))
                        .verdict())
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        // Two requests were sent to a server again, and one to another server.
        "1000, 1000, 8, MET",
        "1003, 1003, 8, MET",
        "1004, 1004, 8, MISSED",
        "999, 999, 8, MISSED",
        "1002, 1001, 8, MISSED",
        "1000, 1000, 11, MISSED"
    })
    void allowsOneClickMoreForEachRetryInChaos(int booked, int counters, int lastFault, Verdict verdict)
            throws IOException {
        Judgement judgement = judge(new RunFolder(folder)
                .fact("tier", "chaos")
                .fact("booked", Integer.toString(booked))
                .fact("counters", Integer.toString(counters))
                .fact("faults", "2 s: kill -9 of app1; " + lastFault + " s: PostgreSQL goes on")
                .sample(0, "haproxy", "servers wretr", 0)
                .sample(9, "haproxy", "servers wretr", 2)
                .sample(0, "haproxy", "servers wredis", 0)
                .sample(9, "haproxy", "servers wredis", 1));
        assertThat(judgement.verdict()).isEqualTo(verdict);
        assertThat(objective(judgement, "all faults occurred under load").met()).isEqualTo(lastFault <= 10);
    }

    private RunFolder platinum() {
        return new RunFolder(folder).fact("tier", "platinum").sample(12, "haproxy", "servers hrsp_3xx", 1000);
    }

    private static void step(RunFolder folder, int rate, String p99, String dropped) {
        String metric = "{scenario:rate_" + rate + "}";
        folder.k6("http_req_duration" + metric + "\tp(99)", "7")
                .k6("http_req_duration" + metric + "\tthreshold p(99)<50", p99)
                .k6("dropped_iterations" + metric + "\tthreshold count<1", dropped);
    }

    @Test
    void findsTheLastRateBeforeTheFirstThatBreaks() throws IOException {
        RunFolder platinum = platinum();
        // In the order of numbers, not of letters; what is kept after the first break does not count.
        step(platinum, 500, "met", "met");
        step(platinum, 1000, "met", "met");
        step(platinum, 2000, "met", "missed");
        step(platinum, 4000, "met", "met");
        Judgement judgement = judge(platinum);
        assertThat(judgement.figures()).containsEntry("knee, redirects per second", 1000.0);
        assertThat(judgement.verdict()).isEqualTo(Verdict.MET);
    }

    @Test
    void missesARateThatKeepsLatency() throws IOException {
        RunFolder platinum = platinum();
        step(platinum, 500, "missed", "met");
        assertThat(judge(platinum).verdict()).isEqualTo(Verdict.MISSED);
    }

    @Test
    void countsByHaproxyWhatK6Interrupted() throws IOException {
        RunFolder platinum = platinum().fact("booked", "1001").fact("counters", "1001");
        step(platinum, 500, "met", "met");
        assertThat(judge(platinum).verdict()).isEqualTo(Verdict.MISSED);
        platinum.sample(13, "haproxy", "servers hrsp_3xx", 1001);
        assertThat(judge(platinum).verdict()).isEqualTo(Verdict.MET);
    }

    private RunFolder soak(double rssAtTheEnd, double pendingAtTheEnd) {
        RunFolder soak = new RunFolder(folder).fact("tier", "soak");
        for (int second = 0; second < 8; second++) {
            soak.sample(second, "app2", "rss", second < 6 ? 100_000 : rssAtTheEnd);
            soak.sample(second, "app2", ResourceSampler.PENDING_BYTES, second < 6 ? 2_000_000 : pendingAtTheEnd);
        }
        return soak;
    }

    @ParameterizedTest
    @CsvSource({"100000, 2000000, MET", "119000, 3900000, MET", "121000, 2000000, MISSED", "100000, 4100000, MISSED"})
    void allowsASoakLittleGrowth(double rss, double pending, Verdict verdict) throws IOException {
        assertThat(judge(soak(rss, pending)).verdict()).isEqualTo(verdict);
        assertThat(judge(soak(rss, pending).fact("quick", "yes")).verdict()).isEqualTo(Verdict.MET);
    }
}
