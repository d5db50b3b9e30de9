package dev.shortwave.storage.imports;

import dev.shortwave.bus.AbortImport;
import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.error.Problem;
import dev.shortwave.link.Destinations;
import dev.shortwave.link.LinkInvalidations;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.runtime.InFlight;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open imports of this verticle instance. Each has an address of its own on the bus, so that its rows reach the
 * instance that has it. A slow one occupies a place here and room for its staged rows, no connection.
 */
public final class Imports {

    private static final Logger LOG = LoggerFactory.getLogger(Imports.class);

    /** Bounds the room for staged rows in PostgreSQL: each import has up to {@code http.max-upload-size}. */
    private static final int MAX_OPEN = 16;

    /** Each holds a connection; the API must not run out of them. */
    private static final int MAX_MERGING = 2;

    private final Vertx vertx;
    private final Pool pool;
    private final LinkInvalidations changes;
    private final Destinations destinations;
    private final Duration idleTimeout;
    private final InFlight inFlight;
    private final Queue<Promise<Void>> waitingForMerge = new ArrayDeque<>();
    private int open;
    private int merging;

    /**
     * @param destinations the rules for destinations of links
     * @param idleTimeout how long an import may receive no rows, before it is dropped
     * @param inFlight counts an import from its first row to its end
     */
    public Imports(
            Vertx vertx,
            Pool pool,
            LinkInvalidations changes,
            Destinations destinations,
            Duration idleTimeout,
            InFlight inFlight) {
        this.vertx = vertx;
        this.pool = pool;
        this.changes = changes;
        this.destinations = destinations;
        this.idleTimeout = idleTimeout;
        this.inFlight = inFlight;
    }

    public Future<BeginImport.Opened> begin(BeginImport request) {
        Importer table = table(request);
        if (open >= MAX_OPEN) {
            return Future.failedFuture(
                    Problem.unavailable("other files are being imported, try again when they are complete")
                            .asException());
        }
        open++;
        inFlight.begin();
        String address = "imports." + UUID.randomUUID();
        return ImportSession.open(pool, table, changes)
                .onFailure(failure -> closed())
                .map(session -> {
                    new ImportSessionEndpoint(address, session).listen();
                    return new BeginImport.Opened(address);
                });
    }

    private Importer table(BeginImport request) {
        return Importer.of(request.kind(), request.columns(), destinations, changes.areShared());
    }

    private void closed() {
        open--;
        inFlight.end();
    }

    private Future<Void> acquireMerge() {
        if (merging < MAX_MERGING) {
            merging++;
            return Future.succeededFuture();
        }
        Promise<Void> turn = Promise.promise();
        waitingForMerge.add(turn);
        return turn.future();
    }

    private void releaseMerge() {
        Promise<Void> next = waitingForMerge.poll();
        if (next == null) {
            merging--;
        } else {
            next.complete();
        }
    }

    /** The bus side of one import. */
    private final class ImportSessionEndpoint {

        private final String address;
        private final ImportSession session;
        private final List<MessageConsumer<?>> consumers = new ArrayList<>();
        private long timer = -1;
        private boolean ended;

        ImportSessionEndpoint(String address, ImportSession session) {
            this.address = address;
            this.session = session;
        }

        void listen() {
            consumers.add(Bus.serve(
                    vertx.eventBus(),
                    new BeginImport(BeginImport.Kind.USERS, List.of(), address).address(),
                    this::next));
            consumers.add(Bus.serve(vertx.eventBus(), address, this::add));
            consumers.add(Bus.serve(vertx.eventBus(), new FinishImport(address).address(), this::finish));
            consumers.add(Bus.serve(vertx.eventBus(), new AbortImport(address).address(), this::abort));
            awaitMore();
        }

        /** Starts one more file in the same transaction. */
        private Future<BeginImport.Opened> next(BeginImport request) {
            session.startFile(table(request));
            return Future.succeededFuture(new BeginImport.Opened(address));
        }

        private Future<Boolean> add(ImportRows request) {
            vertx.cancelTimer(timer);
            return attempt(() -> session.add(request.rows()))
                    .onSuccess(added -> awaitMore())
                    .map(true)
                    .recover(this::failed);
        }

        private Future<FinishImport.Imported> finish(FinishImport request) {
            vertx.cancelTimer(timer);
            return acquireMerge()
                    .compose(turn -> session.finish().onComplete(merged -> releaseMerge()))
                    .onSuccess(imported -> end())
                    .recover(this::failed);
        }

        private Future<Boolean> abort(AbortImport request) {
            end();
            return session.abort().otherwiseEmpty().map(true);
        }

        private <T> Future<T> failed(Throwable failure) {
            return abort(new AbortImport(address))
                    .compose(aborted -> Future.failedFuture(PgFailures.asProblem(failure)));
        }

        private void awaitMore() {
            if (!ended) {
                timer = vertx.setTimer(idleTimeout.toMillis(), late -> {
                    LOG.warn("Import without rows for {}; rolled back", idleTimeout);
                    abort(new AbortImport(address));
                });
            }
        }

        private void end() {
            if (!ended) {
                ended = true;
                closed();
                vertx.cancelTimer(timer);
                consumers.forEach(MessageConsumer::unregister);
            }
        }
    }

    private static <T> Future<T> attempt(Supplier<Future<T>> step) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
