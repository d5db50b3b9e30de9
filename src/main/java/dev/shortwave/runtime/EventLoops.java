package dev.shortwave.runtime;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.deployment.DeploymentContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The event loops of this process, and which of them serve a verticle. Vert.x assigns them round-robin: instances that are
 * deployed and undeployed one by one could all share one. Thread-safe.
 */
final class EventLoops {

    private final VertxInternal vertx;
    private final EventLoopGroup group;
    private final List<EventLoop> loops = new ArrayList<>();

    EventLoops(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
        this.group = this.vertx.nettyEventLoopGroup();
        group.forEach(loop -> loops.add((EventLoop) loop));
    }

    /** The context of a deployment of one instance. */
    Context contextOf(String deploymentId) {
        DeploymentContext deployment =
                Objects.requireNonNull(vertx.deploymentManager().deployment(deploymentId), deploymentId);
        return deployment.deployment().contexts().iterator().next();
    }

    /** How many of these contexts run on each event loop. */
    List<Integer> count(Collection<Context> contexts) {
        int[] counts = new int[loops.size()];
        contexts.forEach(context -> counts[indexOf(context)]++);
        List<Integer> result = new ArrayList<>();
        for (int count : counts) {
            result.add(count);
        }
        return result;
    }

    int indexOf(Context context) {
        return loops.indexOf(((ContextInternal) context).nettyEventLoop());
    }

    /**
     * Advances the round-robin until the next event loop is one with the fewest of a verticle's instances, and returns it.
     * Something else that is deployed at the same moment may get it instead, which costs balance only.
     *
     * @param counts instances for each event loop
     */
    int advanceToLeastLoaded(List<Integer> counts) {
        int min = Collections.min(counts);
        int last = loops.indexOf(group.next());
        int target = last;
        while (counts.get(target) > min) {
            target = following(target);
        }
        while (following(last) != target) {
            last = loops.indexOf(group.next());
        }
        return target;
    }

    private int following(int loop) {
        return (loop + 1) % loops.size();
    }
}
