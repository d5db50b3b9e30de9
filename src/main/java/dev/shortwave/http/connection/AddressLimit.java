package dev.shortwave.http.connection;

import io.netty.util.NetUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How many of something each client address has at once. A client is an IPv4 address, or the network of 64 bits that one
 * subscriber has with IPv6. Shared by the instances of a server. Thread-safe.
 */
public final class AddressLimit {

    private static final int NETWORK_BYTES = 8;
    private static final int IPV6_BYTES = 16;

    private final int max;
    private final ConcurrentHashMap<ByteBuffer, Integer> clientToCount = new ConcurrentHashMap<>();

    /**
     * @param max for each client; 0 for no limit
     */
    public AddressLimit(int max) {
        this.max = max;
    }

    /** One that was acquired. */
    public final class Slot {

        private final ByteBuffer client;

        private Slot(ByteBuffer client) {
            this.client = client;
        }

        /** Gives it back; once. */
        public void release() {
            clientToCount.computeIfPresent(client, (known, count) -> count > 1 ? count - 1 : null);
        }
    }

    /** Whether this address is counted at all. */
    public boolean applies(@Nullable String address) {
        return max > 0 && address != null;
    }

    /** A slot for this address, or null if it has as many as it may. An address that is none is not limited. */
    @Nullable
    public Slot acquire(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            return new Slot(ByteBuffer.allocate(0));
        }
        ByteBuffer client = ByteBuffer.wrap(bytes.length == IPV6_BYTES ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
        AtomicBoolean acquired = new AtomicBoolean();
        clientToCount.compute(client, (known, count) -> {
            boolean free = count == null || count < max;
            acquired.set(free);
            return !free ? count : count == null ? 1 : count + 1;
        });
        return acquired.get() ? new Slot(client) : null;
    }
}
