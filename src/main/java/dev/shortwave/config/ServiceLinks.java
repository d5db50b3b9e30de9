package dev.shortwave.config;

import java.util.regex.Pattern;

/**
 * Variables that Kubernetes puts into the environment of each container for every service of its namespace, named after
 * that service. For one that is called {@code shortwave} they look like settings, and are none.
 */
final class ServiceLinks {

    private static final Pattern NAME = Pattern.compile(
            ".+_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT_[0-9]{1,5}_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)");

    private static final Pattern ADDRESS = Pattern.compile("(?:tcp|udp|sctp)://.+:[0-9]{1,5}");

    private ServiceLinks() {}

    static boolean contain(String name, String value) {
        return NAME.matcher(name).matches()
                || (name.endsWith("_PORT") && ADDRESS.matcher(value).matches());
    }
}
