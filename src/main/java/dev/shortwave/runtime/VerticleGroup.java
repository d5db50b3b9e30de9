package dev.shortwave.runtime;

import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances of one verticle. Each is its own deployment, so that it can be undeployed alone. Changes run one after
 * another, each with the number that is desired by then. Thread-safe.
 */
final class VerticleGroup {

    private static final Logger LOG = LoggerFactory.getLogger(VerticleGroup.class);

    private final class Instance {

        private final String deploymentId;
        private final VerticleBase verticle;
        private final Context context;
        private @Nullable Future<Void> undeployed;

        Instance(String deploymentId, VerticleBase verticle) {
            this.deploymentId = deploymentId;
            this.verticle = verticle;
            this.context = loops.contextOf(deploymentId);
        }

        Context context() {
            return context;
        }

        Load load() {
            return verticle instanceof Scalable scalable ? scalable.load() : Load.NONE;
        }

        Future<Void> drain() {
            Promise<Void> finished = Promise.promise();
            context.runOnContext(unused -> (verticle instanceof Scalable scalable
                            ? scalable.drain()
                            : Future.<Void>succeededFuture())
                    .onComplete(finished));
            return finished.future();
        }

        /** Undeploys once, after draining or when the service stops. */
        synchronized Future<Void> undeploy() {
            Future<Void> result = undeployed;
            if (result == null) {
                result = vertx.undeploy(deploymentId);
                undeployed = result;
            }
            return result;
        }
    }

    private final Vertx vertx;
    private final Context context;
    private final VerticleDefinition definition;
    private final EventLoops loops;
    private final List<Instance> running = new CopyOnWriteArrayList<>();
    private final List<Instance> draining = new CopyOnWriteArrayList<>();
    private Future<Void> changed = Future.succeededFuture();
    private volatile int desired;
    private boolean stopped;

    /**
     * @param context of no verticle: Vert.x undeploys with a verticle what it has deployed
     */
    VerticleGroup(Vertx vertx, Context context, VerticleDefinition definition, EventLoops loops) {
        this.vertx = vertx;
        this.context = context;
        this.definition = definition;
        this.loops = loops;
        this.desired = definition.instances();
    }

    VerticleDefinition definition() {
        return definition;
    }

    VerticleState state() {
        List<Context> contexts = Stream.concat(running.stream(), draining.stream())
                .map(Instance::context)
                .toList();
        Load load = Stream.concat(running.stream(), draining.stream())
                .map(Instance::load)
                .reduce(Load.NONE, Load::plus);
        return new VerticleState(
                definition.name(),
                desired,
                running.size(),
                draining.size(),
                definition.limits(),
                loops.count(contexts),
                load);
    }

    /** Deploys the configured number; if one fails, {@link #stop} undeploys the others. */
    synchronized Future<Void> start() {
        changed = onContext(() -> deploy(definition.instances()));
        return changed;
    }

    /**
     * Deploys or drains instances.
     *
     * @param origin of the change, for the log
     * @return completes when so many accept work; draining ones may still finish their requests
     */
    synchronized Future<Void> scaleTo(int instances, String origin) {
        if (stopped) {
            return Future.failedFuture("the service is stopping");
        }
        desired = instances;
        changed = changed.transform(before -> onContext(() -> reconcile(origin)));
        return changed;
    }

    private Future<Void> onContext(Supplier<Future<Void>> change) {
        Promise<Void> result = Promise.promise();
        context.runOnContext(unused ->
                Future.succeededFuture().compose(start -> change.get()).onComplete(result));
        return result.future();
    }

    private Future<Void> reconcile(String origin) {
        int before = running.size();
        int target = desired;
        if (before == target) {
            return Future.succeededFuture();
        }
        Future<Void> scaled;
        if (before < target) {
            scaled = deploy(target - before);
        } else {
            chooseToDrain(before - target).forEach(this::drain);
            scaled = Future.succeededFuture();
        }
        return scaled.onSuccess(any -> LOG.info(
                        "Scaled {} from {} to {} instances ({})", definition.name(), before, running.size(), origin))
                .onFailure(failure -> LOG.error(
                        "Scaling {} from {} to {} instances ({}) failed, {} are running: {}",
                        definition.name(),
                        before,
                        target,
                        origin,
                        running.size(),
                        failure.getMessage()));
    }

    private Future<Void> deploy(int more) {
        List<Integer> counts =
                loops.count(running.stream().map(Instance::context).toList());
        List<Future<Void>> deployments = new ArrayList<>();
        for (int instance = 0; instance < more; instance++) {
            int loop = loops.advanceToLeastLoaded(counts);
            counts.set(loop, counts.get(loop) + 1);
            deployments.add(deployOne());
        }
        return Future.join(deployments).mapEmpty();
    }

    private Future<Void> deployOne() {
        VerticleBase verticle = definition.verticle().get();
        return vertx.deployVerticle(verticle, new DeploymentOptions()).map(id -> {
            running.add(new Instance(id, verticle));
            return null;
        });
    }

    /** Chooses those on the event loops with the most instances; of these the youngest. */
    private List<Instance> chooseToDrain(int count) {
        List<Instance> remaining = new ArrayList<>(running);
        List<Instance> chosen = new ArrayList<>();
        for (int instance = 0; instance < count; instance++) {
            List<Integer> counts =
                    loops.count(remaining.stream().map(Instance::context).toList());
            Instance next = remaining.stream()
                    .max(Comparator.<Instance>comparingInt(one -> counts.get(loops.indexOf(one.context())))
                            .thenComparingInt(remaining::indexOf))
                    .orElseThrow();
            remaining.remove(next);
            chosen.add(next);
        }
        return chosen;
    }

    private void drain(Instance instance) {
        long began = System.nanoTime();
        draining.add(instance);
        running.remove(instance);
        instance.drain()
                .onFailure(failure ->
                        LOG.warn("Draining an instance of {} failed: {}", definition.name(), failure.getMessage()))
                .transform(any -> instance.undeploy())
                .onSuccess(any -> LOG.info(
                        "Drained and undeployed an instance of {} after {} ms",
                        definition.name(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)))
                .onFailure(failure ->
                        LOG.warn("An instance of {} did not stop cleanly: {}", definition.name(), failure.getMessage()))
                .onComplete(any -> draining.remove(instance));
    }

    /** Undeploys all at once, draining ones included, and deploys none again. Fails if one fails. */
    synchronized Future<Void> stop() {
        stopped = true;
        return changed.transform(any -> Future.join(Stream.concat(running.stream(), draining.stream())
                        .map(Instance::undeploy)
                        .toList())
                .mapEmpty());
    }
}
