package dev.shortwave.bus;

/** Replied to when every click that another reachable JVM appended before is committed. */
public record FlushCluster() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.CLUSTER_FLUSH;
    }
}
