package dev.shortwave.tools.tier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BottleneckTest {

    private static final int CORES = 4;

    private final List<String> lines = new ArrayList<>();

    /** Busy cores of the machine, and how many other guests of the host took. */
    private BottleneckTest machine(double busy, double steal) {
        return grows("machine", "total", 100 * CORES)
                .grows("machine", "busy", 100 * busy)
                .grows("machine", "steal", 100 * steal);
    }

    private BottleneckTest uses(String subject, double cores) {
        return grows(subject, "cpu", cores);
    }

    /** A count that grows so much in each of ten seconds. */
    private BottleneckTest grows(String subject, String measure, double eachSecond) {
        for (int second = 0; second <= 10; second++) {
            sample(second, subject, measure, second * eachSecond);
        }
        return this;
    }

    private BottleneckTest always(String subject, String measure, double value) {
        for (int second = 0; second <= 10; second++) {
            sample(second, subject, measure, value);
        }
        return this;
    }

    private void sample(int second, String subject, String measure, double value) {
        lines.add(second * 1000L + "\t" + subject + "\t" + measure + "\t" + value);
    }

    private String verdict() {
        return Bottleneck.find(Samples.parse(lines), CORES).verdict();
    }

    @Test
    void isUnknownWithoutSamples() {
        assertThat(verdict()).startsWith("unknown");
    }

    @Test
    void isNothingIfNothingRanOut() {
        machine(2, 0).uses("k6", 0.9).uses("app1", 0.9).always("haproxy", "clients slim", 2000);
        always("haproxy", "clients smax", 50).always("haproxy", "servers qmax", 0);
        assertThat(verdict()).startsWith("nothing");
    }

    @Test
    void isTheLimitOfConnections() {
        machine(2, 0).uses("app1", 1).always("haproxy", "clients slim", 2000);
        always("haproxy", "clients smax", 2000);
        assertThat(verdict()).isEqualTo("HAProxy ran out of connections (maxconn)");
    }

    @Test
    void isTheProcessWithMostProcessorTimeOnABusyMachine() {
        machine(3.8, 0).uses("k6", 1).uses("app1", 2.5);
        assertThat(verdict())
                .isEqualTo("the machine ran out of processor time; app1 took most of it (2.50 of 4 cores)");
    }

    @Test
    void isTheLoadGeneratorIfItTakesMost() {
        machine(3.2, 0.4).uses("k6", 2.2).uses("app1", 0.8);
        assertThat(verdict()).contains("the load generator, k6, took most of it");
    }

    @Test
    void isOtherProgramsIfTheRunHadLessThanItsShare() {
        machine(3.8, 0).uses("k6", 1).uses("app1", 1);
        assertThat(verdict()).isEqualTo("other programs of this machine: of 3.80 busy cores they took 1.80");
    }

    @Test
    void isTheOneThreadOfRedis() {
        machine(2.5, 0).uses("redis", 0.95).uses("app1", 1);
        assertThat(verdict()).isEqualTo("redis ran out of processor time: 0.95 cores for 1 busy threads");
    }

    @Test
    void isTheConnectionsOfTheDatabaseIfRequestsAlwaysWait() {
        machine(2, 0).uses("app1", 1).always("haproxy", "servers qmax", 0);
        always("app1", "vertx_pool_queue_pending", 3);
        assertThat(verdict()).isEqualTo("the JVMs' database connections: 3 requests waited for one, on average");
    }

    @Test
    void isTheQueueOfHaproxy() {
        machine(2, 0).uses("app1", 1).always("haproxy", "servers qmax", 7);
        always("app1", "vertx_pool_queue_pending", 3);
        assertThat(verdict()).isEqualTo("the JVMs' share of requests in HAProxy: up to 7 waited in its queue");
    }

    @Test
    void ignoresSamplesAfterTheLoad() {
        machine(2, 0).uses("k6", 0.5).uses("app1", 0.5);
        sample(11, "haproxy", "servers qmax", 9);
        assertThat(verdict()).startsWith("nothing");
    }
}
