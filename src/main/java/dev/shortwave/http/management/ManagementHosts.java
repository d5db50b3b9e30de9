package dev.shortwave.http.management;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** By which hosts the management port may be asked: names and addresses of the machine itself, and the configured one. */
final class ManagementHosts {

    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9a-f:.]+]|[^\\[\\]:]+)(?::[0-9]*)?");

    private final String configured;

    ManagementHosts(String configured) {
        String host = configured.toLowerCase(Locale.ROOT);
        this.configured = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /** Whether the request is for one of them, on any port. One of HTTP/1.0 may name none, and browsers always do. */
    boolean isOwn(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.HOST);
        if (header == null) {
            return true;
        }
        Matcher authority = AUTHORITY.matcher(header.toLowerCase(Locale.ROOT));
        if (!authority.matches()) {
            return false;
        }
        String host = authority.group(1);
        return host.equals(configured) || isLoopback(host);
    }

    private static boolean isLoopback(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || (name.startsWith("127.") && NetUtil.isValidIpV4Address(name))
                || name.equals("[::1]");
    }
}
