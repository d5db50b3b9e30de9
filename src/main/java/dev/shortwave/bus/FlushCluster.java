package dev.shortwave.bus;

/** Answers when every click that another JVM took before is committed, as far as the others can be reached. */
public record FlushCluster() implements Request<Boolean> {

    @Override
    public String address() {
        return Addresses.CLUSTER_FLUSH;
    }
}
