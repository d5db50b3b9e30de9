package dev.shortwave.runtime;

import dev.shortwave.error.Problem;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** All verticles of this process, in the order of their start. Thread-safe. */
public final class VerticleManager {

    private final Vertx vertx;
    private final Context context;
    private final EventLoops loops;
    private final List<VerticleGroup> started = new CopyOnWriteArrayList<>();

    /** Create it outside of any verticle. */
    public VerticleManager(Vertx vertx) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.loops = new EventLoops(vertx);
    }

    /** Deploys a verticle, and appends it to the order of the start. */
    public Future<Void> start(VerticleDefinition definition) {
        VerticleGroup instances = new VerticleGroup(vertx, context, definition, loops);
        started.add(instances);
        return instances.start();
    }

    /** The names of the started verticles, in that order. */
    public List<String> names() {
        return started.stream().map(instances -> instances.definition().name()).toList();
    }

    public List<VerticleState> states() {
        return started.stream().map(VerticleGroup::state).toList();
    }

    /** The state of one, or null if there is none of this name. */
    public @Nullable VerticleState state(String name) {
        VerticleGroup instances = find(name);
        return instances == null ? null : instances.state();
    }

    /** Why there can't be so many instances, as the end of a sentence about their number; null if this is allowed. */
    public @Nullable String objection(String name, int instances) {
        VerticleGroup group = find(name);
        return group == null
                ? "there is no such verticle"
                : group.definition().limits().objection(instances);
    }

    /**
     * Deploys or drains instances of a verticle.
     *
     * @param origin of the change, for the log
     * @return completes when so many accept work, while draining ones may still finish their requests; fails with a problem
     *     if the number is not allowed
     */
    public Future<Void> scale(String name, int instances, String origin) {
        VerticleGroup group = find(name);
        String objection = objection(name, instances);
        return group == null || objection != null
                ? Future.failedFuture(
                        Problem.badField("instances", "instances " + objection).asException())
                : group.scaleTo(instances, origin);
    }

    /** Undeploys all instances of one at once, and refuses to scale it again. */
    public Future<Void> stop(String name) {
        VerticleGroup group = find(name);
        return group == null ? Future.succeededFuture() : group.stop();
    }

    private @Nullable VerticleGroup find(String name) {
        return started.stream()
                .filter(instances -> instances.definition().name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
