package dev.shortwave.config;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.pgclient.PgConnectOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration, validated and immutable. Each component gets only its own part.
 *
 * @param watchInterval how often the file is checked for changes; 0 never
 * @param values every setting with its text and origin, for operators; secrets are redacted
 * @param source what it was read from
 */
public record Config(
        Http http,
        Management management,
        Database database,
        Embedded embedded,
        Redis redis,
        Cache cache,
        Clicks clicks,
        Links links,
        Events events,
        Verticles verticles,
        EventLoops eventLoops,
        Duration watchInterval,
        Log log,
        Tracing tracing,
        List<SettingValue> values,
        List<String> ignoredVariables,
        ConfigSource source) {

    /**
     * The public server.
     *
     * @param publicUrl where clients reach the service, or null to take it from each request's Host header
     * @param serverNames further names of this service, to which no link may lead
     * @param trustedProxies proxies whose forwarding headers are trusted
     * @param maxBodySize bytes of a JSON body
     * @param maxUploadSize bytes of an uploaded file
     * @param uploadIdleTimeout how long an upload may send nothing
     * @param uploadMinRate bytes a second that an upload must send on average over the idle time-out
     * @param uploadTimeout how long an upload may take
     * @param idleTimeout how long a connection without an unanswered request may send nothing
     * @param headerTimeout how long the head of a request may take to arrive
     * @param bodyTimeout how long the body of a request may take to arrive, but for uploads
     * @param maxConnectionsPerAddress open connections of one client address; 0 for any number
     * @param maxRequestsPerAddress requests of the API that one client address may have unanswered; 0 for any number
     * @param hstsMaxAge of {@code Strict-Transport-Security} on answers over TLS; 0 leaves the header out
     * @param requestTimeout how long a request may wait for the storage before it is a 503
     * @param maxRequestsInFlight requests for one instance of the verticle that may wait for the storage at once
     * @param drainDelay how long readiness fails before connections are closed
     * @param drainTimeout how long requests in flight may take at the stop
     */
    public record Http(
            String host,
            int port,
            @Nullable URI publicUrl,
            List<String> serverNames,
            IpNetworks trustedProxies,
            long maxBodySize,
            long maxUploadSize,
            Duration uploadIdleTimeout,
            long uploadMinRate,
            Duration uploadTimeout,
            Duration idleTimeout,
            Duration headerTimeout,
            Duration bodyTimeout,
            int maxConnectionsPerAddress,
            int maxRequestsPerAddress,
            Duration hstsMaxAge,
            Duration requestTimeout,
            int maxRequestsInFlight,
            int acceptBacklog,
            Duration drainDelay,
            Duration drainTimeout,
            boolean metricsEnabled) {

        /** All names of this service, to which no link may lead: {@code host} for any port, or {@code host:port}. */
        public List<String> serviceHosts() {
            List<String> hosts = new ArrayList<>(serverNames);
            if (publicUrl != null) {
                HostAndPort place = Objects.requireNonNull(UrlAuthority.of(publicUrl));
                boolean hasDefaultPort = place.port() < 0 || place.port() == 80 || place.port() == 443;
                hosts.add(hasDefaultPort ? place.host() : place.host() + ":" + place.port());
            }
            if (port != 0) {
                List.of(host, "localhost", "127.0.0.1", "[::1]").forEach(name -> hosts.add(name + ":" + port));
            }
            return hosts;
        }
    }

    /** The management server. An empty token is allowed on a loopback address only. */
    public record Management(boolean enabled, String host, int port, String token) {

        @Override
        public String toString() {
            return "Management[" + host + ":" + port + "]";
        }
    }

    /**
     * PostgreSQL.
     *
     * @param server where it is and how to log in, or null for the embedded one
     * @param replica a standby of it that may answer lists, or null
     * @param transactionPooling whether a pooler may give each transaction another session of the server
     * @param poolSize connections for the API
     * @param maxWaitQueueSize requests that may wait for one of them
     * @param startTimeout how long the start waits for a server that does not answer yet
     * @param migrateAtStart whether the start may bring an older schema up to date
     * @param allowNewerSchema whether to serve on a schema of a later release
     */
    public record Database(
            @Nullable PgConnectOptions server,
            @Nullable PgConnectOptions replica,
            boolean transactionPooling,
            int poolSize,
            int maxWaitQueueSize,
            Duration connectTimeout,
            Duration statementTimeout,
            Duration startTimeout,
            boolean migrateAtStart,
            boolean allowNewerSchema) {

        /** The same settings for another server: the embedded one, once it runs. */
        public Database withServer(PgConnectOptions other) {
            return new Database(
                    other,
                    replica,
                    transactionPooling,
                    poolSize,
                    maxWaitQueueSize,
                    connectTimeout,
                    statementTimeout,
                    startTimeout,
                    migrateAtStart,
                    allowNewerSchema);
        }

        @Override
        public String toString() {
            return "Database[" + (server == null ? "embedded" : server.getHost() + ":" + server.getPort()) + "]";
        }
    }

    /**
     * The PostgreSQL server inside this process.
     *
     * @param directory its data
     * @param port where it listens on the loopback address; 0 takes a free one
     * @param seedDirectory folder of CSV files to load into an empty database, or null
     */
    public record Embedded(
            Path directory, int port, @Nullable Path seedDirectory) {}

    /**
     * Redis.
     *
     * @param url where it is, or null for none: then this is the only JVM; with Sentinels its host is the name by which
     *     they know the master
     * @param sentinels where Sentinels are, as {@code host:port}; none: the URL says where Redis is
     * @param tls trusted authorities and the client certificate, or null for a connection without TLS
     * @param commandTimeout how long one command may take before PostgreSQL is queried instead
     * @param leaseDuration how long a JVM may answer from its local cache after the last proof that it receives all
     *     invalidations
     */
    public record Redis(
            @Nullable URI url,
            List<String> sentinels,
            @Nullable ClientSSLOptions tls,
            Duration commandTimeout,
            Duration leaseDuration,
            String keyPrefix) {

        @Override
        public String toString() {
            return "Redis[" + (url == null ? "none" : UrlAuthority.host(url)) + "]";
        }
    }

    /**
     * The cache of links.
     *
     * @param maxBytes memory of this JVM for links
     * @param ttl how long a link is cached
     * @param negativeTtl how long the absence of a code is cached
     * @param warmTimeout how long readiness waits for the warm-up
     */
    public record Cache(
            long maxBytes,
            Duration ttl,
            Duration negativeTtl,
            boolean warmAtStart,
            int warmBatchSize,
            Duration warmTimeout) {}

    /**
     * Recording of clicks.
     *
     * @param batchSize maximum of clicks in one statement, under pressure
     * @param throttledBatchSize the same without pressure
     * @param directory the journal's folder
     * @param segmentBytes size of one file of the journal
     * @param maxJournalBytes size of all its files together, beyond which clicks are dropped
     * @param fsyncInterval how often it is synced to the disk: a power cut loses at most the clicks since
     * @param orphanScanInterval how often it scans for orphaned journals
     * @param throttleBelowLag the older the oldest click is, up to this age, the shorter the recorder pauses after a batch;
     *     zero: it never pauses
     */
    public record Clicks(
            int batchSize,
            int throttledBatchSize,
            Path directory,
            int segmentBytes,
            long maxJournalBytes,
            Duration fsyncInterval,
            Duration orphanScanInterval,
            Duration throttleBelowLag,
            Duration retryDelay) {

        /** Files that a writer needs, so that it need not wait for an empty one. */
        static final int SEGMENTS_PER_WRITER = 4;

        /** How many event loops can write at once without a lack of room. */
        public int maxWriters() {
            return Math.toIntExact(Math.min(Integer.MAX_VALUE, maxJournalBytes / segmentBytes / SEGMENTS_PER_WRITER));
        }
    }

    /**
     * Links.
     *
     * @param codeLength of generated codes
     * @param maxCodeAttempts how many codes are tried at one length before they grow
     * @param maxUrlLength of a destination as clients send it
     * @param retireCodes how long the custom code of a deleted link is reserved for its owner
     */
    public record Links(int codeLength, int maxCodeAttempts, int maxUrlLength, Duration retireCodes) {}

    /** How many months of events are kept; 0 keeps all. */
    public record Events(int retentionMonths) {}

    /** Instances of each verticle. */
    public record Verticles(int http, int urlStorage, int eventRecorder, int cacheWarmer) {}

    /** Threads that serve connections, and how they drive sockets. */
    public record EventLoops(int count, Transport transport) {}

    public enum Transport {
        AUTO,
        IO_URING,
        EPOLL,
        NIO
    }

    /**
     * The log.
     *
     * @param duplicateInterval how often a warning that repeats is written; 0 each time
     * @param accessSamplingRatio share of the requests that are written when {@code access} is {@code SAMPLED}
     * @param accessClientAddress whether lines of requests have the client's address
     */
    public record Log(
            LogFormat format,
            LogLevel level,
            Duration duplicateInterval,
            AccessLog access,
            double accessSamplingRatio,
            boolean accessClientAddress) {

        /** Share of the requests that are written: 0 none, 1 all. */
        public double accessRatio() {
            return switch (access) {
                case OFF -> 0;
                case SAMPLED -> accessSamplingRatio;
                case ON -> 1;
            };
        }
    }

    /**
     * Spans of requests, and where they go.
     *
     * @param endpoint of a collector that takes OTLP over HTTP, with its path; null for none
     * @param samplingRatio share of the requests that have spans
     * @param maxRemoteSampledPerSecond how many more may have them because the caller sampled them
     */
    public record Tracing(@Nullable URI endpoint, double samplingRatio, int maxRemoteSampledPerSecond) {}

    /** Which requests are written to the log. */
    public enum AccessLog {
        OFF,
        SAMPLED,
        ON
    }

    public enum LogFormat {
        TEXT,
        JSON
    }

    public enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }
}
