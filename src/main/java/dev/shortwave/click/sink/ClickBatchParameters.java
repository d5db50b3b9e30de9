package dev.shortwave.click.sink;

import dev.shortwave.click.Click;
import dev.shortwave.stats.ClickCounts;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Clicks as the parameters of one statement: a row each for the events, and their counts. Building them takes longer than
 * a redirect may wait when there are thousands: that is for a worker.
 */
public final class ClickBatchParameters {

    /** Neighbours in the batch are then neighbours in the indexes of events, and those of one link keep their order. */
    private static final Comparator<Click> BY_OWNER_AND_LINK = Comparator.comparingLong(
                    (Click click) -> click.ownerId() == null ? Long.MAX_VALUE : click.ownerId())
            .thenComparingLong(Click::linkId);

    /** No clicks; declared after the comparator that it uses. */
    public static final ClickBatchParameters NONE = of(List.of());

    private final List<Click> clicks;
    private final List<Object> parameters;

    private ClickBatchParameters(List<Click> clicks, List<Object> parameters) {
        this.clicks = clicks;
        this.parameters = parameters;
    }

    public static ClickBatchParameters of(List<Click> clicks) {
        int size = clicks.size();
        Long[] links = new Long[size];
        Long[] owners = new Long[size];
        OffsetDateTime[] times = new OffsetDateTime[size];
        String[] details = new String[size];
        ClickCounts counts = new ClickCounts();
        List<Click> sorted = clicks.stream().sorted(BY_OWNER_AND_LINK).toList();
        for (int at = 0; at < size; at++) {
            Click click = sorted.get(at);
            links[at] = click.linkId();
            owners[at] = click.ownerId();
            times[at] = click.timestamp();
            details[at] = click.details();
            click.addTo(counts);
        }
        List<Object> parameters = new ArrayList<>(List.of(links, owners, times, details));
        parameters.addAll(counts.arguments());
        return new ClickBatchParameters(clicks, parameters);
    }

    public List<Click> clicks() {
        return clicks;
    }

    /** Links, owners, times and details of the rows, then those of {@link ClickCounts#call}. */
    List<Object> parameters() {
        return parameters;
    }
}
