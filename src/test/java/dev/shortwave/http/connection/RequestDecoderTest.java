package dev.shortwave.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestDecoderTest {

    private static final byte[] REDIRECT = ("GET /abcdef HTTP/1.1\r\nHost: sho.rt\r\nUser-Agent: Mozilla/5.0\r\n"
                    + "Accept: text/html\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);

    /** All that it checks, it checks for each redirect. */
    @Test
    void aRedirectCostsNoMoreMemoryThanWithTheDecoderOfVertx() {
        HttpServerOptions options = new HttpServerOptions();
        EmbeddedChannel strict =
                new EmbeddedChannel(new RequestDecoder(options, Duration.ofSeconds(10), Duration.ofSeconds(10)));
        EmbeddedChannel lenient = new EmbeddedChannel(new VertxHttpRequestDecoder(options));
        decode(strict, 20_000);
        decode(lenient, 20_000);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            least = Math.min(least, decode(strict, 2_000) - decode(lenient, 2_000));
        }
        assertThat(least / 2_000).as("bytes for each request").isLessThanOrEqualTo(0);
        strict.finishAndReleaseAll();
        lenient.finishAndReleaseAll();
    }

    /** How many bytes this thread has allocated meanwhile. */
    private static long decode(EmbeddedChannel channel, int requests) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int request = 0; request < requests; request++) {
            channel.writeInbound(Unpooled.wrappedBuffer(REDIRECT));
            for (Object message; (message = channel.readInbound()) != null; ) {
                ReferenceCountUtil.release(message);
            }
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
