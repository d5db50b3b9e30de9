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
 * The instances of one verticle. Each is a deployment of its own, so that it can go alone. Changes are made one after
 * another, and each one goes for the number that is desired by then. Thread-safe.
 */
final class VerticleGroup {

    private static final Logger LOG = LoggerFactory.getLogger(VerticleGroup.class);

    /** One of them. */
    private final class Instance {

        private final String deploymentId;
        private final VerticleBase verticle;
        private final Context context;
        private @Nullable Future<Void> drained;

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
            context.runOnContext(
                    turn -> (verticle instanceof Scalable scalable ? scalable.drain() : Future.<Void>succeededFuture())
                            .onComplete(finished));
            return finished.future();
        }

        /** Once, whoever asks: the end of a retirement, or of the service. */
        synchronized Future<Void> undeploy() {
            Future<Void> going = drained;
            if (going == null) {
                going = vertx.undeploy(deploymentId);
                drained = going;
            }
            return going;
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
     * @param context of no verticle: what one verticle deploys, its end takes along
     */
    VerticleGroup(Vertx vertx, Context context, VerticleDefinition part, EventLoops loops) {
        this.vertx = vertx;
        this.context = context;
        this.definition = part;
        this.loops = loops;
        this.desired = part.instances();
    }

    VerticleDefinition definition() {
        return definition;
    }

    VerticleState state() {
        List<Context> contexts = Stream.concat(running.stream(), draining.stream())
                .map(Instance::context)
                .toList();
        Load workload = Stream.concat(running.stream(), draining.stream())
                .map(Instance::load)
                .reduce(Load.NONE, Load::plus);
        return new VerticleState(
                definition.name(),
                desired,
                running.size(),
                draining.size(),
                definition.limits(),
                loops.count(contexts),
                workload);
    }

    /** Deploys as many as there shall be at the start; what was deployed before one failed is left for {@link #stop}. */
    synchronized Future<Void> start() {
        changed = onContext(() -> deploy(definition.instances()));
        return changed;
    }

    /**
     * Deploys or retires instances.
     *
     * @param origin who wants it, for the log
     * @return completes when so many take work; retired ones may still finish what they have
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
        Promise<Void> done = Promise.promise();
        context.runOnContext(
                turn -> Future.succeededFuture().compose(now -> change.get()).onComplete(done));
        return done.future();
    }

    private Future<Void> reconcile(String origin) {
        int before = running.size();
        int wanted = desired;
        if (before == wanted) {
            return Future.succeededFuture();
        }
        Future<Void> settled;
        if (before < wanted) {
            settled = deploy(wanted - before);
        } else {
            mostLoaded(before - wanted).forEach(this::drain);
            settled = Future.succeededFuture();
        }
        return settled.onSuccess(done -> LOG.info(
                        "Scaled {} from {} to {} instances ({})", definition.name(), before, running.size(), origin))
                .onFailure(failure -> LOG.error(
                        "Scaling {} from {} to {} instances ({}) failed, {} run now: {}",
                        definition.name(),
                        before,
                        wanted,
                        origin,
                        running.size(),
                        failure.getMessage()));
    }

    private Future<Void> deploy(int more) {
        List<Integer> counts =
                loops.count(running.stream().map(Instance::context).toList());
        List<Future<Void>> deployments = new ArrayList<>();
        for (int instance = 0; instance < more; instance++) {
            int loop = loops.sortByLoad(counts);
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

    /** So many of those that share their event loop with the most others; of these the youngest. */
    private List<Instance> mostLoaded(int count) {
        List<Instance> left = new ArrayList<>(running);
        List<Instance> chosen = new ArrayList<>();
        for (int instance = 0; instance < count; instance++) {
            List<Integer> counts =
                    loops.count(left.stream().map(Instance::context).toList());
            Instance next = left.stream()
                    .max(Comparator.<Instance>comparingInt(one -> counts.get(loops.indexOf(one.context())))
                            .thenComparingInt(left::indexOf))
                    .orElseThrow();
            left.remove(next);
            chosen.add(next);
        }
        return chosen;
    }

    private void drain(Instance instance) {
        long began = System.nanoTime();
        draining.add(instance);
        running.remove(instance);
        instance.drain()
                .onFailure(failure -> LOG.warn(
                        "An instance of {} could not finish what it had: {}", definition.name(), failure.getMessage()))
                .transform(done -> instance.undeploy())
                .onSuccess(gone -> LOG.info(
                        "An instance of {} has finished and is gone after {} ms",
                        definition.name(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)))
                .onFailure(failure -> LOG.warn(
                        "An instance of {} did not stop in order: {}", definition.name(), failure.getMessage()))
                .onComplete(gone -> draining.remove(instance));
    }

    /** Undeploys all of them at once, the retiring ones too; none is deployed any more. Fails if one fails. */
    synchronized Future<Void> stop() {
        stopped = true;
        return changed.transform(settled -> Future.join(Stream.concat(running.stream(), draining.stream())
                        .map(Instance::undeploy)
                        .toList())
                .mapEmpty());
    }
}
