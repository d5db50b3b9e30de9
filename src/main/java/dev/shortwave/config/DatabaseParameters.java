package dev.shortwave.config;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * How to connect to one PostgreSQL server, in the parameters of libpq. Those that weaken or strengthen security are applied,
 * or refused by their name.
 */
final class DatabaseParameters {

    static final String HOST = "host";
    static final String PORT = "port";
    static final String USER = "user";
    static final String PASSWORD = "password";
    static final String DATABASE = "dbname";
    static final String SSL_MODE = "sslmode";
    static final String SSL_ROOT_CERT = "sslrootcert";
    static final String SSL_CERT = "sslcert";
    static final String SSL_KEY = "sslkey";
    private static final String SSL = "ssl";
    private static final String OPTIONS = "options";
    private static final String SEARCH_PATH = "search_path";

    /** The value of {@link #SSL_ROOT_CERT} that means the trust store, here that of the JVM. */
    private static final String SYSTEM = "system";

    /** Environment variables of libpq without a setting, and their parameters. */
    static final Map<String, String> VARIABLES = Map.ofEntries(
            Map.entry("PGCHANNELBINDING", "channel_binding"),
            Map.entry("PGGSSENCMODE", "gssencmode"),
            Map.entry("PGGSSDELEGATION", "gssdelegation"),
            Map.entry("PGREQUIREAUTH", "require_auth"),
            Map.entry("PGREQUIREPEER", "requirepeer"),
            Map.entry("PGREQUIRESSL", "requiressl"),
            Map.entry("PGSSLCERTMODE", "sslcertmode"),
            Map.entry("PGSSLCOMPRESSION", "sslcompression"),
            Map.entry("PGSSLCRL", "sslcrl"),
            Map.entry("PGSSLCRLDIR", "sslcrldir"),
            Map.entry("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
            Map.entry("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
            Map.entry("PGSSLNEGOTIATION", "sslnegotiation"),
            Map.entry("PGSSLSNI", "sslsni"));

    /** Parameters with the only values that this client has; every other value is refused. */
    private static final Map<String, List<String>> FIXED = Map.ofEntries(
            Map.entry("channelbinding", List.of("prefer")),
            Map.entry("gssencmode", List.of("disable", "prefer", "allow")),
            Map.entry("loadbalancehosts", List.of("disable", "false")),
            Map.entry("requireauth", List.of("")),
            Map.entry("sslcertmode", List.of("allow")),
            Map.entry("sslcompression", List.of("0")),
            Map.entry("sslmaxprotocolversion", List.of("", "tlsv1.3")),
            Map.entry("sslminprotocolversion", List.of("", "tlsv1", "tlsv1.1", "tlsv1.2")),
            Map.entry("sslnegotiation", List.of("postgres")),
            Map.entry("sslsni", List.of("1")),
            Map.entry("targetservertype", List.of("any")),
            Map.entry("targetsessionattrs", List.of("any")));

    private static final Map<String, String> ELSEWHERE = Map.of(
            "applicationname", "the service names its connections itself",
            "fallbackapplicationname", "the service names its connections itself",
            "connecttimeout", "database.connect-timeout sets it",
            "hostaddr", "give the address as the host",
            "pgbouncer", "database.transaction-pooling sets it",
            "preparethreshold", "database.transaction-pooling sets it",
            "schema", "options=-c%20search_path=… sets it",
            "sockettimeout", "database.statement-timeout sets it");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<String> refusals = new ArrayList<>();

    /** Sets a parameter, unless the value is empty. */
    void put(String name, String value) {
        if (!value.isEmpty()) {
            values.put(name, value);
        }
    }

    /** Sets a parameter that is absent; {@code ssl} counts as a mode of TLS. */
    void putIfAbsent(String name, String value) {
        if (!value.isEmpty() && !(name.equals(SSL_MODE) && values.containsKey(SSL))) {
            values.putIfAbsent(name, value);
        }
    }

    /** As {@link #take}, from the environment, over which the settings have precedence. */
    void takeIfAbsent(String name, String value) {
        if (!values.containsKey(SSL_MODE) && !values.containsKey(SSL)) {
            take(name, value, false);
        }
    }

    /** What is not supported, each as a sentence that names the parameter, and no values but supported ones. */
    List<String> refusals() {
        return refusals;
    }

    void refuse(String sentence) {
        refusals.add(sentence);
    }

    /**
     * Takes a parameter.
     *
     * @param isJdbc whether it is to be read as the JDBC driver does, where that differs
     */
    void take(String name, String value, boolean isJdbc) {
        // JDBC writes channelBinding what libpq writes channel_binding.
        String plain = name.toLowerCase(Locale.ROOT).replace("_", "");
        switch (plain) {
            case HOST, PORT, USER, PASSWORD, DATABASE, SSL_MODE, SSL_ROOT_CERT, SSL_CERT, SSL_KEY, OPTIONS ->
                values.put(plain, value);
            case "searchpath", "currentschema" -> values.put(SEARCH_PATH, value);
            case SSL -> ssl(name, value, isJdbc ? "verify-full" : "require");
            case "requiressl" -> ssl(name, value, "require");
            default -> {
                if (FIXED.getOrDefault(plain, List.of()).contains(value.toLowerCase(Locale.ROOT))) {
                    return;
                }
                List<String> possible = FIXED.get(plain);
                if (possible != null) {
                    refuse(shown(name) + " can't be honoured with this value; only " + quoted(possible) + " can");
                } else {
                    refuse(shown(name) + " has no effect here; "
                            + ELSEWHERE.getOrDefault(plain, "take it out, or set what it stands for in PostgreSQL"));
                }
            }
        }
    }

    private void ssl(String name, String value, String mode) {
        switch (value.toLowerCase(Locale.ROOT)) {
            case "", "1", "true" -> values.put(SSL, mode);
            case "0", "false" -> values.remove(SSL);
            default -> refuse(shown(name) + " must be true or false; sslmode says more");
        }
    }

    /** A mistyped name may be a part of a password. */
    private static String shown(String name) {
        return name.matches("[A-Za-z][A-Za-z_]{0,40}") ? "the parameter " + name : "a parameter with an odd name";
    }

    private static String quoted(List<String> values) {
        return String.join(", ", values.stream().map(value -> '"' + value + '"').toList());
    }

    /** The server of these parameters. Errors are among the {@link #refusals}. */
    PgConnectOptions server(Path home) {
        PgConnectOptions server = new PgConnectOptions()
                .setHost(host())
                .setPort(port())
                .setDatabase(values.getOrDefault(DATABASE, "shortwave"))
                .setUser(values.getOrDefault(USER, "postgres"))
                .setPassword(values.getOrDefault(PASSWORD, ""));
        // The only one of the client's defaults that PgBouncer does not know, and that is PostgreSQL's own.
        server.getProperties().remove("extra_float_digits");
        for (String name : List.of(OPTIONS, SEARCH_PATH)) {
            String value = values.get(name);
            if (value != null) {
                server.addProperty(name, value);
            }
        }
        secure(server, home);
        return server;
    }

    private String host() {
        String host = values.getOrDefault(HOST, "localhost");
        if (host.startsWith("[") && host.endsWith("]")) {
            return host.substring(1, host.length() - 1);
        }
        if (host.startsWith("/") || host.isBlank() || host.matches("(?s).*[\\s/,@?#\\[\\]].*")) {
            refuse("the host must be one name or address: Unix sockets and several hosts are not supported");
        }
        return host;
    }

    private int port() {
        String text = values.getOrDefault(PORT, "5432");
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            refuse("the port must be a whole number from 1 to 65535");
            return 5432;
        }
        return port;
    }

    private void secure(PgConnectOptions server, Path home) {
        String root = values.getOrDefault(SSL_ROOT_CERT, "");
        SslMode mode = mode(root);
        server.setSslMode(mode);
        boolean hasKey = values.containsKey(SSL_CERT) || values.containsKey(SSL_KEY);
        if (mode == SslMode.DISABLE) {
            if (hasKey) {
                refuse("sslcert and sslkey need an sslmode with TLS, such as verify-full");
            }
            return;
        }
        ClientSSLOptions ssl =
                new ClientSSLOptions().setHostnameVerificationAlgorithm(mode == SslMode.VERIFY_FULL ? "HTTPS" : "");
        if (mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL) {
            ssl.setTrustOptions(root.isEmpty() || root.equals(SYSTEM) ? trustOfTheJvm() : trust(home.resolve(root)));
        } else {
            // As libpq: these modes encrypt, and do not authenticate the server.
            ssl.setTrustAll(true);
        }
        if (hasKey) {
            ssl.setKeyCertOptions(key(home, ssl.getTrustOptions()));
        }
        server.setSslOptions(ssl);
    }

    private SslMode mode(String root) {
        String wanted = values.get(SSL_MODE);
        String implied = values.get(SSL);
        if (wanted == null) {
            wanted = implied != null ? implied : root.equals(SYSTEM) ? "verify-full" : "disable";
        }
        SslMode mode;
        try {
            mode = SslMode.of(wanted);
        } catch (IllegalArgumentException e) {
            refuse("sslmode must be disable, allow, prefer, require, verify-ca or verify-full");
            return SslMode.DISABLE;
        }
        boolean encrypts = mode == SslMode.REQUIRE || mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
        if (implied != null && !encrypts) {
            refuse("ssl and sslmode contradict each other: leave one out");
        }
        if (root.isEmpty()) {
            return mode;
        }
        if (root.equals(SYSTEM) && mode != SslMode.VERIFY_FULL) {
            refuse("sslrootcert=system needs sslmode=verify-full");
        } else if (!encrypts) {
            refuse("sslrootcert needs sslmode=verify-full or verify-ca");
        }
        // As libpq: with an authority, require verifies the certificate.
        return mode == SslMode.REQUIRE ? SslMode.VERIFY_CA : mode;
    }

    private PemTrustOptions trust(Path file) {
        String refusal = PemFiles.refuseCertificates(file);
        if (refusal != null) {
            refuse("sslrootcert: " + refusal);
        }
        return new PemTrustOptions().addCertPath(file.toString());
    }

    /** Set explicitly: the client rejects a null. */
    private static TrustOptions trustOfTheJvm() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return TrustOptions.wrap(factory);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private PemKeyCertOptions key(Path home, @Nullable TrustOptions trust) {
        PemKeyCertOptions pair = new PemKeyCertOptions();
        String certificate = values.get(SSL_CERT);
        String key = values.get(SSL_KEY);
        if (certificate == null || key == null) {
            refuse("sslcert and sslkey belong together: set both");
            return pair;
        }
        if (trust != null && !(trust instanceof PemTrustOptions)) {
            refuse("sslcert and sslkey need sslrootcert too");
        }
        Stream.of(PemFiles.refuseCertificates(home.resolve(certificate)), PemFiles.refuseKey(home.resolve(key)))
                .filter(Objects::nonNull)
                .forEach(refusals::add);
        return pair.addCertPath(home.resolve(certificate).toString())
                .addKeyPath(home.resolve(key).toString());
    }
}
