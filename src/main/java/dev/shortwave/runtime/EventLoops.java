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
 * The event loops of this process, and which of them serve a verticle. Vert.x hands them out in turn to whatever is made:
 * instances that come and go one by one could all end up on the same. Thread-safe.
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
        List<Integer> counted = new ArrayList<>();
        for (int count : counts) {
            counted.add(count);
        }
        return counted;
    }

    int indexOf(Context context) {
        return loops.indexOf(((ContextInternal) context).nettyEventLoop());
    }

    /**
     * Turns the group until the next to be handed out is one with the fewest of a verticle's instances, and says which; of
     * several it is the one whose turn it is. Something else that is made at the same moment may get it instead: that
     * costs balance, and nothing more.
     *
     * @param counts instances for each event loop
     */
    int sortByLoad(List<Integer> counts) {
        int least = Collections.min(counts);
        int last = loops.indexOf(group.next());
        int wanted = last;
        while (counts.get(wanted) > least) {
            wanted = following(wanted);
        }
        while (following(last) != wanted) {
            last = loops.indexOf(group.next());
        }
        return wanted;
    }

    private int following(int loop) {
        return (loop + 1) % loops.size();
    }
}
