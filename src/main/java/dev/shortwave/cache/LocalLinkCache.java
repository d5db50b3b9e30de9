package dev.shortwave.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.shortwave.config.Config;
import dev.shortwave.link.LinkCache;
import dev.shortwave.link.Target;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Links in this process, shared by all its event loops: for one JVM without Redis. Thread-safe, never blocks. */
public final class LocalLinkCache implements LinkCache {

    private final Cache<String, Target> codeToTarget;

    public LocalLinkCache(Config.Cache config) {
        this.codeToTarget = Caffeine.newBuilder()
                .maximumSize(config.maxEntries())
                .expireAfter(Expiry.<String, Target>writing((code, target) -> timeToLive(config, target)))
                // Maintenance on the calling event loop is short, and needs no thread of its own.
                .executor(Runnable::run)
                .build();
    }

    private static Duration timeToLive(Config.Cache config, Target target) {
        return target.state() == Target.State.UNKNOWN ? config.negativeTtl() : config.ttl();
    }

    @Override
    public Future<@Nullable Target> get(String code) {
        return Future.succeededFuture(codeToTarget.getIfPresent(code));
    }

    @Override
    public Future<Void> put(List<Target> targets) {
        for (Target target : targets) {
            codeToTarget.asMap().merge(target.code(), target, LocalLinkCache::newer);
        }
        return Future.succeededFuture();
    }

    private static Target newer(Target there, Target offered) {
        return offered.version() > there.version() ? offered : there;
    }

    @Override
    public String state() {
        return "disabled";
    }
}
