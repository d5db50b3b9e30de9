package dev.shortwave.config;

import dev.shortwave.error.Numbers;
import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of IP addresses: single ones, and networks such as {@code 10.0.0.0/8}. */
public record IpNetworks(List<Network> networks) {

    /**
     * Addresses that begin alike.
     *
     * @param length bits of an address: 32 or 128
     * @param bits how many of them are alike
     * @param prefix these bits
     */
    record Network(int length, int bits, BigInteger prefix) {

        boolean contains(byte[] address) {
            return address.length * Byte.SIZE == length
                    && leading(address, bits).equals(prefix);
        }
    }

    /** Reads one item; throws {@link IllegalArgumentException} for what is none. Never asks the name service. */
    static Network network(String text) {
        int slash = text.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException();
        }
        int length = address.length * Byte.SIZE;
        int bits = slash < 0 ? length : Numbers.parseInt(text.substring(slash + 1), 0, length);
        return new Network(length, bits, leading(address, bits));
    }

    private static BigInteger leading(byte[] address, int bits) {
        return new BigInteger(1, address).shiftRight(address.length * Byte.SIZE - bits);
    }

    /** Whether the address, in its usual spelling, is one of them; null never is. */
    public boolean contains(@Nullable String address) {
        byte[] bytes = address == null ? null : NetUtil.createByteArrayFromIpAddressString(address);
        return bytes != null && networks.stream().anyMatch(network -> network.contains(bytes));
    }
}
