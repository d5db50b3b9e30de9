package dev.shortwave.http.connection;

import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemException;
import dev.shortwave.error.ProblemMapper;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes requests as RFC 9112 has it, where Netty is more lenient: it refuses a head without exactly one {@code Host},
 * folded header lines, codings of the transfer that the service does not know, and other versions of HTTP. A refused head
 * is marked as failed with a {@link ProblemException}, and what follows it on its connection is discarded. Gives each head
 * and each body a deadline, with a timer only where it did not arrive in one piece. Allocates nothing of its own for a
 * request that is well-formed.
 */
final class RequestDecoder extends VertxHttpRequestDecoder {

    private static final HttpMethod NO_METHOD = HttpMethod.GET;
    private static final String NO_TARGET = "/bad-request";

    private final Duration headTimeout;
    private final Duration bodyTimeout;
    private Consumer<ProblemException> onBodyTimeout = timeout -> {};

    /** Of the head that is being decoded. */
    private int hosts;

    private int transferEncodings;
    private int contentLengths;
    private boolean folded;
    private boolean otherVersion;

    private boolean inHead;
    private boolean inBody;
    private boolean unlimitedBody;
    private boolean discarding;
    private @Nullable Future<?> headTimer;
    private @Nullable Future<?> bodyTimer;

    RequestDecoder(HttpServerOptions options, Duration headTimeout, Duration bodyTimeout) {
        super(options);
        this.headTimeout = headTimeout;
        this.bodyTimeout = bodyTimeout;
    }

    /** Sets what runs when a body has not arrived in time. */
    void onBodyTimeout(Consumer<ProblemException> handler) {
        onBodyTimeout = handler;
    }

    /** Lifts the deadline of the body that is arriving: an upload has limits of its own. */
    void exemptBody() {
        unlimitedBody = true;
        cancel(bodyTimer);
        bodyTimer = null;
    }

    /** Gives the rest of that body the deadline of other bodies, from its next byte on. */
    void limitBody() {
        unlimitedBody = false;
    }

    /** Ignores everything else that arrives on this connection. */
    void discardRest() {
        discarding = true;
        cancelTimers();
    }

    /** Whether a request or the rest of one was refused, so that nothing else on its connection counts. */
    boolean isDiscarding() {
        return discarding;
    }

    // Decoding

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (discarding) {
            buffer.skipBytes(buffer.readableBytes());
        } else if (inBody) {
            super.decode(context, buffer, out);
            if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent last) {
                endBody(last);
            }
        } else {
            decodeHead(context, buffer, out);
        }
    }

    private void decodeHead(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        int from = buffer.readerIndex();
        int first = out.size();
        super.decode(context, buffer, out);
        if (out.size() == first) {
            folded |= hasFoldedLine(buffer, from);
            inHead = true;
        } else if (out.get(first) instanceof DefaultHttpRequest request) {
            if (request.decoderResult().isSuccess()) {
                folded |= hasFoldedLine(buffer, from);
                Problem problem = problemOf(request);
                if (problem == null) {
                    endHead(!(out.get(out.size() - 1) instanceof LastHttpContent));
                    return;
                }
                request.setDecoderResult(DecoderResult.failure(problem.asException()));
                while (out.size() > first + 1) {
                    out.remove(out.size() - 1);
                }
            }
            discardRest();
        }
    }

    /** Whether a line of what was just decoded is the continuation of another one. */
    private boolean hasFoldedLine(ByteBuf buffer, int from) {
        int to = buffer.readerIndex();
        if (inHead && from < to && isBlank(buffer.getByte(from))) {
            return true;
        }
        int at = from;
        while ((at = buffer.indexOf(at, to, HttpConstants.LF)) >= 0 && ++at < to) {
            if (isBlank(buffer.getByte(at))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBlank(byte octet) {
        return octet == HttpConstants.SP || octet == HttpConstants.HT;
    }

    private void endHead(boolean bodyFollows) {
        hosts = 0;
        transferEncodings = 0;
        contentLengths = 0;
        inHead = false;
        inBody = bodyFollows;
        unlimitedBody = false;
        cancel(headTimer);
        headTimer = null;
    }

    private void endBody(LastHttpContent last) {
        // Trailers are counted like headers.
        endHead(false);
        cancel(bodyTimer);
        bodyTimer = null;
        discarding = last.decoderResult().isFailure();
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        return new DefaultHttpRequest(
                version(initialLine[2]),
                HttpMethod.valueOf(initialLine[0]),
                initialLine[1],
                HeadersMultiMap.httpHeaders());
    }

    @Override
    protected HttpMessage createInvalidMessage() {
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, NO_METHOD, NO_TARGET, HeadersMultiMap.httpHeaders());
    }

    /** A later minor version is read as the latest that is known (RFC 9110, section 2.5). */
    private HttpVersion version(String text) {
        if (text.equals("HTTP/1.1")) {
            return HttpVersion.HTTP_1_1;
        }
        if (text.length() != 8 || !text.startsWith("HTTP/") || text.charAt(6) != '.') {
            throw new IllegalArgumentException("not a version of HTTP");
        }
        int major = Character.digit(text.charAt(5), 10);
        int minor = Character.digit(text.charAt(7), 10);
        if (major < 0 || minor < 0) {
            throw new IllegalArgumentException("not a version of HTTP");
        }
        otherVersion = major != 1;
        return major == 1 && minor == 0 ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0) {
            throw new IllegalArgumentException("a header without a name");
        }
        AsciiString name = super.splitHeaderName(line, start, length);
        if (length == 4 && HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
            hosts++;
        } else if (length == 14 && HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
            contentLengths++;
        } else if (length == 17 && HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name)) {
            transferEncodings++;
        }
        return name;
    }

    // What a head must be

    private @Nullable Problem problemOf(HttpRequest request) {
        if (otherVersion) {
            return Problem.of(Problem.Kind.HTTP_VERSION_NOT_SUPPORTED, "the service speaks HTTP/1.0 and HTTP/1.1");
        }
        if (folded) {
            return Problem.badRequest("a header must not be folded over several lines");
        }
        if (transferEncodings > 0) {
            Problem problem = problemOfTransferEncoding(request);
            if (problem != null) {
                return problem;
            }
        }
        if (hosts != 1 && (hosts > 1 || request.protocolVersion() != HttpVersion.HTTP_1_0)) {
            return Problem.badRequest("a request must have one Host header");
        }
        if (hosts == 1 && !isAuthority(request.headers().get(HttpHeaderNames.HOST))) {
            return Problem.badRequest("the Host header is not a host");
        }
        String target = request.uri();
        boolean isPath = !target.isEmpty() && target.charAt(0) == '/';
        return isPath || request.method().equals(HttpMethod.CONNECT) || isWholeServer(request)
                ? null
                : readAbsoluteTarget(request, target);
    }

    private @Nullable Problem problemOfTransferEncoding(HttpRequest request) {
        if (contentLengths > 0) {
            return Problem.badRequest("Content-Length and Transfer-Encoding do not go together");
        }
        String codings = String.join(",", request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING));
        for (String coding : codings.split(",", -1)) {
            if (!HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding.strip())) {
                return Problem.of(Problem.Kind.NOT_IMPLEMENTED, "the only known transfer coding is chunked");
            }
        }
        return codings.indexOf(',') < 0 ? null : Problem.badRequest("a body can be chunked only once");
    }

    private static boolean isWholeServer(HttpRequest request) {
        return request.uri().equals("*") && request.method().equals(HttpMethod.OPTIONS);
    }

    /** A target with scheme and host, as for a proxy: its host counts, whatever the header says. */
    private static @Nullable Problem readAbsoluteTarget(HttpRequest request, String target) {
        int scheme = target.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        int end = scheme;
        while (end >= 0 && end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        if (end <= scheme || !isAuthority(target.substring(scheme, end))) {
            return Problem.badRequest("the target of a request must be a path or a URL");
        }
        String rest = target.substring(end);
        request.setUri(rest.startsWith("/") ? rest : "/" + rest);
        request.headers().set(HttpHeaderNames.HOST, target.substring(scheme, end));
        return null;
    }

    /** Whether it is a host, with a port or without; it may be empty. */
    private static boolean isAuthority(@Nullable String text) {
        if (text == null) {
            return false;
        }
        boolean plain = true;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean allowed = (c >= 'a' && c <= 'z')
                    || (c >= '-' && c <= ':' && c != '/')
                    || (c >= 'A' && c <= 'Z')
                    || "_~%!$&'()*+,;=[]".indexOf(c) >= 0;
            if (!allowed) {
                return false;
            }
            plain &= c != '%' && c != '[' && c != ']';
        }
        return plain ? hasValidPort(text) : HostAndPort.parseAuthority(text, 0) != null;
    }

    private static boolean hasValidPort(String authority) {
        int colon = authority.indexOf(':');
        int port = 0;
        for (int at = colon + 1; colon >= 0 && at < authority.length(); at++) {
            int digit = authority.charAt(at) - '0';
            port = port * 10 + digit;
            if (digit < 0 || digit > 9 || port > 65_535) {
                return false;
            }
        }
        return true;
    }

    // Deadlines

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (inHead && headTimer == null && !discarding) {
            headTimer = context.executor()
                    .schedule(() -> headTimedOut(context), headTimeout.toNanos(), TimeUnit.NANOSECONDS);
        } else if (inBody && bodyTimer == null && !unlimitedBody && !discarding) {
            bodyTimer = context.executor().schedule(this::bodyTimedOut, bodyTimeout.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void headTimedOut(ChannelHandlerContext context) {
        discardRest();
        HttpMessage request = createInvalidMessage();
        request.setDecoderResult(
                DecoderResult.failure(ProblemMapper.ofStatus(408).asException()));
        context.fireChannelRead(request);
        context.fireChannelReadComplete();
    }

    private void bodyTimedOut() {
        discardRest();
        onBodyTimeout.accept(ProblemMapper.ofStatus(408).asException());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        cancelTimers();
        super.channelInactive(context);
    }

    private void cancelTimers() {
        cancel(headTimer);
        cancel(bodyTimer);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
