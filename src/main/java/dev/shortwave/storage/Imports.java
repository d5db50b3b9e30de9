package dev.shortwave.storage;

import dev.shortwave.bus.AbortImport;
import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.bus.ImportRows;
import dev.shortwave.link.LinkChanges;
import dev.shortwave.postgres.PgFailures;
import dev.shortwave.problem.Problem;
import dev.shortwave.verticle.InHand;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open imports of this verticle instance. Each has an address of its own on the bus, so that its rows reach the
 * instance that holds its transaction, and ends by itself when nothing comes for a while.
 */
final class Imports {

    private static final Logger LOG = LoggerFactory.getLogger(Imports.class);

    /** Each holds a connection for as long as the client sends; the API must not run out of them. */
    private static final int MOST_AT_ONCE = 2;

    private final Vertx vertx;
    private final Pool pool;
    private final LinkChanges changes;
    private final Duration stallTimeout;
    private final InHand inHand;
    private int open;

    /**
     * @param inHand counts an import from its first row to its end
     */
    Imports(Vertx vertx, Pool pool, LinkChanges changes, Duration stallTimeout, InHand inHand) {
        this.vertx = vertx;
        this.pool = pool;
        this.changes = changes;
        this.stallTimeout = stallTimeout;
        this.inHand = inHand;
    }

    Future<BeginImport.Opened> begin(BeginImport request) {
        ImportTable table = ImportTable.of(request.kind(), request.columns(), changes.areShared());
        if (open >= MOST_AT_ONCE) {
            return Future.failedFuture(
                    Problem.unavailable("other files are being imported, try again when they are done")
                            .asException());
        }
        open++;
        inHand.begin();
        String address = "imports." + UUID.randomUUID();
        return ImportSession.open(pool, table, changes)
                .onFailure(failure -> closed())
                .map(session -> {
                    new Conversation(address, session).listen();
                    return new BeginImport.Opened(address);
                });
    }

    private void closed() {
        open--;
        inHand.end();
    }

    /** The bus side of one import. */
    private final class Conversation {

        private final String address;
        private final ImportSession session;
        private final List<MessageConsumer<?>> consumers = new ArrayList<>();
        private long timer = -1;
        private boolean ended;

        Conversation(String address, ImportSession session) {
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
            waitForMore();
        }

        /** One more file in the same transaction. */
        private Future<BeginImport.Opened> next(BeginImport request) {
            session.goOnWith(ImportTable.of(request.kind(), request.columns(), changes.areShared()));
            return Future.succeededFuture(new BeginImport.Opened(address));
        }

        private Future<Boolean> add(ImportRows request) {
            vertx.cancelTimer(timer);
            return session.add(request.rows())
                    .onSuccess(added -> waitForMore())
                    .map(true)
                    .recover(failure -> session.abort()
                            .transform(aborted -> end(Future.failedFuture(PgFailures.asProblem(failure)))));
        }

        private Future<FinishImport.Imported> finish(FinishImport request) {
            return session.finish()
                    .transform(done -> end(
                            done.succeeded()
                                    ? Future.succeededFuture(done.result())
                                    : Future.failedFuture(PgFailures.asProblem(done.cause()))));
        }

        private Future<Boolean> abort(AbortImport request) {
            return session.abort().transform(aborted -> end(Future.succeededFuture(true)));
        }

        private void waitForMore() {
            if (!ended) {
                timer = vertx.setTimer(stallTimeout.toMillis() * 2, late -> {
                    LOG.warn("An import got no rows for {} and is rolled back", stallTimeout.multipliedBy(2));
                    abort(new AbortImport(address));
                });
            }
        }

        private <T> Future<T> end(Future<T> result) {
            if (!ended) {
                ended = true;
                closed();
                vertx.cancelTimer(timer);
                consumers.forEach(MessageConsumer::unregister);
            }
            return result;
        }
    }
}
