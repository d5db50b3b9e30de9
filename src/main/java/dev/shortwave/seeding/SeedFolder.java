package dev.shortwave.seeding;

import dev.shortwave.bus.AbortImport;
import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.csv.CsvImport;
import dev.shortwave.error.ProblemException;
import dev.shortwave.error.StartupException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.OpenOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A folder with {@code users.csv}, {@code urls.csv} and {@code events.csv}, loaded in one transaction: all three or
 * nothing. Loading it twice changes nothing. On the event loop of the caller.
 */
public final class SeedFolder {

    /** In this order, because links name their users. */
    static final List<BeginImport.Kind> ORDER =
            List.of(BeginImport.Kind.USERS, BeginImport.Kind.URLS, BeginImport.Kind.EVENTS);

    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final Bus bus;
    private final Path folder;
    private final BiConsumer<String, Long> progress;
    private @Nullable String session;

    /**
     * @param progress receives the file's name and the bytes read of it
     */
    public SeedFolder(Vertx vertx, Bus bus, Path folder, BiConsumer<String, Long> progress) {
        this.vertx = vertx;
        this.bus = bus;
        this.folder = folder;
        this.progress = progress;
    }

    static String fileName(BeginImport.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT) + ".csv";
    }

    /** Loads the three files. Fails with {@link StartupException}, whose message names file and line. */
    public Future<FinishImport.Imported> load() {
        Future<FinishImport.Imported> loaded = Future.failedFuture("no files");
        for (BeginImport.Kind kind : ORDER) {
            loaded = kind == ORDER.get(0) ? load(kind) : loaded.compose(before -> load(kind));
        }
        return loaded;
    }

    private Future<FinishImport.Imported> load(BeginImport.Kind kind) {
        String name = fileName(kind);
        Path path = folder.resolve(name);
        boolean last = kind == ORDER.get(ORDER.size() - 1);
        return vertx.fileSystem()
                .open(
                        path.toString(),
                        new OpenOptions().setRead(true).setWrite(false).setCreate(false))
                .recover(failure -> rolledBack(new StartupException(
                        "The seeds can't be read: " + path + " is missing or not readable. Put it there, name another"
                                + " folder, or load none with embedded.seed-directory set to nothing.",
                        failure)))
                .compose(file -> {
                    CsvImport csv = new CsvImport(
                                    vertx,
                                    bus,
                                    kind,
                                    new CsvImport.Limits(Long.MAX_VALUE, IDLE_TIMEOUT, 0),
                                    bytes -> progress.accept(name, bytes))
                            .partOf(session, last);
                    return csv.run(file)
                            .onSuccess(imported -> session = csv.session())
                            .eventually(file::close);
                })
                .recover(failure -> Future.failedFuture(
                        failure instanceof ProblemException e
                                ? new StartupException("The seeds can't be loaded: " + path + ", "
                                        + e.problem().detail() + ". Nothing of them was stored.")
                                : failure));
    }

    /** Rolls back the session of earlier files; a file that failed has rolled back already. */
    private <T> Future<T> rolledBack(StartupException failure) {
        Future<?> abort = session == null ? Future.succeededFuture() : bus.request(new AbortImport(session));
        return abort.transform(any -> Future.failedFuture(failure));
    }
}
