package dev.shortwave.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the URL of a Redis may ask for besides a host and a log-in. What the client would ignore is refused by its name. */
final class RedisParameters {

    private static final Set<String> KNOWN = Set.of("db", "user", "password", "protocol", "client");

    private RedisParameters() {}

    /** What can't be done, each as a sentence that names the parameter and no value. */
    static List<String> refusals(URI url) {
        List<String> refusals = new ArrayList<>();
        if (!url.getRawPath().matches("/?[0-9]{0,4}")) {
            refusals.add("the path must be the number of a database, such as /0");
        }
        String query = url.getRawQuery();
        for (String parameter : query == null ? new String[0] : query.split("&")) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            if (!name.isEmpty() && (equals < 0 || !KNOWN.contains(name))) {
                refusals.add((name.matches("[A-Za-z][A-Za-z_-]{0,40}")
                                ? "the parameter " + name
                                : "a parameter with an odd name")
                        + " has no effect here; take it out. rediss:// asks for TLS, and redis.tls-… say whom to"
                        + " trust");
            }
        }
        return refusals;
    }
}
