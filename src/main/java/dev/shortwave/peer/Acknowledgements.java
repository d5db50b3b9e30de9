package dev.shortwave.peer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who has acknowledged what. For one event loop. */
final class Acknowledgements {

    private final Map<Long, Awaited> numberToAwaited = new HashMap<>();
    private long lastNumber;

    /** One message, and the JVMs whose word is still missing; those are known only after it is sent. */
    final class Awaited {

        private final long number = ++lastNumber;
        private final Promise<Void> complete = Promise.promise();
        private final Set<String> acknowledged = new HashSet<>();
        private @Nullable Set<String> missing;

        long number() {
            return number;
        }

        /** These have to acknowledge it; some may have already. */
        Future<Void> of(Set<String> ids) {
            missing = new HashSet<>(ids);
            missing.removeAll(acknowledged);
            check();
            return complete.future();
        }

        /** Nobody else counts any more. */
        void only(Set<String> ids) {
            if (missing != null) {
                missing.retainAll(ids);
            }
            check();
        }

        Set<String> missing() {
            return missing == null ? Set.of() : missing;
        }

        private void acknowledgedBy(String id) {
            acknowledged.add(id);
            if (missing != null) {
                missing.remove(id);
            }
            check();
        }

        private void check() {
            if (missing != null && missing.isEmpty()) {
                end();
            }
        }

        /** Waits for nobody any more. */
        void end() {
            numberToAwaited.remove(number);
            complete.tryComplete();
        }
    }

    /** Before a message is sent: the first word may come before it is known who has to send one. */
    Awaited expect() {
        Awaited awaited = new Awaited();
        numberToAwaited.put(awaited.number, awaited);
        return awaited;
    }

    void received(PeerMessage.Acknowledgement acknowledgement) {
        Awaited awaited = numberToAwaited.get(acknowledgement.number());
        if (awaited != null) {
            awaited.acknowledgedBy(acknowledgement.from());
        }
    }
}
