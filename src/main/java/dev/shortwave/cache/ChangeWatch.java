package dev.shortwave.cache;

import dev.shortwave.link.Target;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what changes while something is being read, so that a slow answer does not bring back what is over. From
 * {@link LocalLinks#watch} until {@link LocalLinks#end}. Thread-safe.
 */
public final class ChangeWatch {

    private final Predicate<String> codes;
    private final int epoch;
    private final Map<String, Target> codeToChange = new ConcurrentHashMap<>(1);

    ChangeWatch(Predicate<String> codes, int epoch) {
        this.codes = codes;
        this.epoch = epoch;
    }

    void changed(Target target) {
        if (codes.test(target.code())) {
            codeToChange.merge(target.code(), target, (there, offered) -> offered.isNewerThan(there) ? offered : there);
        }
    }

    /** What the code changed to meanwhile, or null. */
    @Nullable
    Target changeOf(String code) {
        return codeToChange.get(code);
    }

    /** The epoch in which the reading began. */
    int epoch() {
        return epoch;
    }
}
