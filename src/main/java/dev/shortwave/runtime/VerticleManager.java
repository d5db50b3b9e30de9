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

    /** To be made outside of any verticle. */
    public VerticleManager(Vertx vertx) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.loops = new EventLoops(vertx);
    }

    /** Deploys a part of the service, behind those that were started before. */
    public Future<Void> start(VerticleDefinition part) {
        VerticleGroup instances = new VerticleGroup(vertx, context, part, loops);
        started.add(instances);
        return instances.start();
    }

    /** The names of what was started, in that order. */
    public List<String> names() {
        return started.stream().map(instances -> instances.definition().name()).toList();
    }

    public List<VerticleState> states() {
        return started.stream().map(VerticleGroup::state).toList();
    }

    /** What runs of one, or null if there is none of this name. */
    public @Nullable VerticleState state(String name) {
        VerticleGroup instances = find(name);
        return instances == null ? null : instances.state();
    }

    /** Why there can't be so many instances, as the end of a sentence about their number; null if there can. */
    public @Nullable String objection(String name, int instances) {
        VerticleGroup known = find(name);
        return known == null
                ? "there is no such verticle"
                : known.definition().limits().objection(instances);
    }

    /**
     * Deploys or retires instances of a verticle.
     *
     * @param origin who wants it, for the log
     * @return completes when so many take work, while retired ones may still finish what they have; fails with a problem
     *     if there can't be so many
     */
    public Future<Void> scale(String name, int instances, String origin) {
        VerticleGroup known = find(name);
        String objection = objection(name, instances);
        return known == null || objection != null
                ? Future.failedFuture(
                        Problem.badField("instances", "instances " + objection).asException())
                : known.scaleTo(instances, origin);
    }

    /** Undeploys all instances of one at once; it is not scaled any more. */
    public Future<Void> stop(String name) {
        VerticleGroup known = find(name);
        return known == null ? Future.succeededFuture() : known.stop();
    }

    private @Nullable VerticleGroup find(String name) {
        return started.stream()
                .filter(instances -> instances.definition().name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
