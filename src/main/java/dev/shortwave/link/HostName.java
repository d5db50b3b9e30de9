package dev.shortwave.link;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of hosts in one spelling, so that equal hosts are equal texts. Asks no name service. */
final class HostName {

    private static final String LOOPBACK = "localhost";
    private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]{0,8}|[0-9]{1,12}");

    private HostName() {}

    /**
     * The host as a browser understands it: {@code ＳＨＯ.rt.} is {@code sho.rt}, {@code 0x7f.1} is 127.0.0.1. All
     * addresses that lead to the machine itself are {@code localhost}.
     */
    static String canonical(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[")) {
            return address(name);
        }
        try {
            name = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            // No name service knows it either; it stays as it is.
        }
        while (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        String[] parts = name.split("\\.", -1);
        if (parts.length <= 4 && NUMBER.matcher(parts[parts.length - 1]).matches()) {
            return fromNumbers(name, parts);
        }
        return name.endsWith("." + LOOPBACK) ? LOOPBACK : name;
    }

    /** An IPv4 address of one to four numbers, each decimal, octal or hexadecimal; the last fills what is left. */
    private static String fromNumbers(String name, String[] parts) {
        long address = 0;
        for (int at = 0; at < parts.length; at++) {
            boolean last = at == parts.length - 1;
            long bound = last ? 1L << (8 * (5 - parts.length)) : 256;
            long number = NUMBER.matcher(parts[at]).matches() ? number(parts[at]) : -1;
            if (number < 0 || number >= bound) {
                return name;
            }
            address += last ? number : number << (8 * (3 - at));
        }
        return address(
                (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255));
    }

    private static long number(String text) {
        try {
            if (text.startsWith("0x")) {
                return text.length() == 2 ? 0 : Long.parseLong(text.substring(2), 16);
            }
            return Long.parseLong(text, text.length() > 1 && text.startsWith("0") ? 8 : 10);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Of a literal, for which no name service is asked. */
    private static String address(String literal) {
        try {
            InetAddress address = InetAddress.getByName(literal);
            return address.isLoopbackAddress() || address.isAnyLocalAddress() ? LOOPBACK : address.getHostAddress();
        } catch (UnknownHostException e) {
            return literal;
        }
    }
}
