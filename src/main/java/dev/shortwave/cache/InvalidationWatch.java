package dev.shortwave.cache;

import dev.shortwave.link.LinkTarget;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what changes while something is being read, so that a slow answer does not bring back what is over. From
 * {@link LocalLinkCache#watch} until {@link LocalLinkCache#end}. Thread-safe.
 */
public final class InvalidationWatch {

    private final Predicate<String> codes;
    private final int epoch;
    private final Map<String, LinkTarget> codeToInvalidation = new ConcurrentHashMap<>(1);

    InvalidationWatch(Predicate<String> codes, int epoch) {
        this.codes = codes;
        this.epoch = epoch;
    }

    void recordInvalidation(LinkTarget target) {
        if (codes.test(target.code())) {
            codeToInvalidation.merge(
                    target.code(), target, (there, offered) -> offered.isNewerThan(there) ? offered : there);
        }
    }

    /** What the code changed to meanwhile, or null. */
    @Nullable
    LinkTarget invalidationOf(String code) {
        return codeToInvalidation.get(code);
    }

    /** The epoch in which the reading began. */
    int epoch() {
        return epoch;
    }
}
