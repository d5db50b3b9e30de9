package dev.shortwave.cluster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who has acknowledged what. For one event loop. */
final class Acknowledgements {

    private final Map<Long, PendingAcks> numberToPending = new HashMap<>();
    private long lastNumber;

    /** One message, and the JVMs whose word is still missing; those are known only after it is sent. */
    final class PendingAcks {

        private final long number = ++lastNumber;
        private final Promise<Void> complete = Promise.promise();
        private final Set<String> acknowledged = new HashSet<>();
        private @Nullable Set<String> missing;

        long number() {
            return number;
        }

        /** These have to acknowledge it; some may have already. */
        Future<Void> expectFrom(Set<String> ids) {
            missing = new HashSet<>(ids);
            missing.removeAll(acknowledged);
            check();
            return complete.future();
        }

        /** Nobody else counts any more. */
        void retainOnly(Set<String> ids) {
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
                cancel();
            }
        }

        /** Waits for nobody any more. */
        void cancel() {
            numberToPending.remove(number);
            complete.tryComplete();
        }
    }

    /** Before a message is sent: the first word may come before it is known who has to send one. */
    PendingAcks expect() {
        PendingAcks awaited = new PendingAcks();
        numberToPending.put(awaited.number, awaited);
        return awaited;
    }

    void received(ClusterMessage.Acknowledgement acknowledgement) {
        PendingAcks awaited = numberToPending.get(acknowledgement.number());
        if (awaited != null) {
            awaited.acknowledgedBy(acknowledgement.from());
        }
    }
}
