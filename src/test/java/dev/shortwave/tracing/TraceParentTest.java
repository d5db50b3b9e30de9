package dev.shortwave.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-" + TRACE + "-00f067aa0ba902b7-01",
                "00-" + TRACE + "-00f067aa0ba902b7-00",
                "01-" + TRACE + "-00f067aa0ba902b7-01",
                "cc-" + TRACE + "-00f067aa0ba902b7-09-what-the-future-brings"
            })
    void theTraceIdIsRead(String header) {
        TraceParent trace = TraceParent.parse(header);
        assertThat(trace.traceId()).isEqualTo(TRACE);
        assertThat(trace.header()).isEqualTo(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                TRACE,
                "00-" + TRACE + "-00f067aa0ba902b7",
                "00-" + TRACE + "-00f067aa0ba902b7-01-more",
                "00-" + TRACE + "-00f067aa0ba902b7-01 ",
                "01-" + TRACE + "-00f067aa0ba902b7-01.more",
                "01-" + TRACE + "-00f067aa0ba902b7-01-a b",
                "ff-" + TRACE + "-00f067aa0ba902b7-01",
                "0x-" + TRACE + "-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-" + TRACE + "-00f067aa0ba902b7-0g",
                "00_" + TRACE + "_00f067aa0ba902b7_01",
                "00-" + TRACE + "-00f067aa0ba902b7-\n1"
            })
    void whatIsMalformedCountsAsAbsent(String header) {
        assertThat(TraceParent.parse(header)).isNull();
    }

    @Test
    void whatIsAbsentOrEndlessIsNoTrace() {
        assertThat(TraceParent.parse(null)).isNull();
        assertThat(TraceParent.parse("01-" + TRACE + "-00f067aa0ba902b7-01-" + "x".repeat(300)))
                .isNull();
    }
}
