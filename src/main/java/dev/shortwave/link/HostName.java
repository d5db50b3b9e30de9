package dev.shortwave.link;

import com.ibm.icu.text.IDNA;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of hosts as browsers read them (https://url.spec.whatwg.org/#host-parsing). Asks no name service. */
public final class HostName {

    private static final String LOOPBACK = "localhost";
    private static final String PUNYCODE_PREFIX = "xn--";
    private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]*|[0-9]+");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final int MAX_LABEL_LENGTH = 63;
    private static final int MAX_NAME_LENGTH = 253;

    /** The forbidden domain code points, beside the control characters. */
    private static final String FORBIDDEN = " #/:<>?@[\\]^|%\u007f";

    private HostName() {}

    /**
     * The host in the form in which it is sent and asked for: {@code faß.de} is {@code xn--fa-hia.de}, {@code 0x7f.1} is
     * {@code 127.0.0.1}, {@code ＳＨＯ.rt.} is {@code sho.rt.}; null if it has no valid form, or none that DNS can hold.
     */
    public static @Nullable String parse(String host) {
        if (host.startsWith("[")) {
            InetAddress address = host.endsWith("]") ? ipv6(host.substring(1, host.length() - 1)) : null;
            return address == null
                    ? null
                    : "[" + host.substring(1, host.length() - 1).toLowerCase(Locale.ROOT) + "]";
        }
        String name = toAscii(decoded(host));
        if (name == null || name.isEmpty() || name.chars().anyMatch(c -> c < ' ' || FORBIDDEN.indexOf(c) >= 0)) {
            return null;
        }
        String[] parts = name.split("\\.", -1);
        boolean endsWithDot = parts.length > 1 && parts[parts.length - 1].isEmpty();
        int count = endsWithDot ? parts.length - 1 : parts.length;
        if (isNumber(parts[count - 1])) {
            return ipv4(parts, count);
        }
        int length = endsWithDot ? name.length() - 1 : name.length();
        for (int at = 0; at < count; at++) {
            if (parts[at].isEmpty() || parts[at].length() > MAX_LABEL_LENGTH) {
                return null;
            }
        }
        return length > MAX_NAME_LENGTH ? null : name;
    }

    /**
     * The host in one spelling, so that equal hosts are equal texts: as {@link #parse} has it, without dots behind. All
     * addresses that lead to the machine itself are {@code localhost}. A host that is not valid stays as it is.
     */
    static String canonical(String host) {
        String stripped = withoutDots(host);
        String parsed = parse(stripped);
        if (parsed == null) {
            return stripped.toLowerCase(Locale.ROOT);
        }
        String name = withoutDots(parsed);
        InetAddress address = name.startsWith("[") ? ipv6(name.substring(1, name.length() - 1)) : literal(name);
        if (address == null) {
            return name.endsWith("." + LOOPBACK) ? LOOPBACK : name;
        }
        return address.isLoopbackAddress() || address.isAnyLocalAddress() ? LOOPBACK : address.getHostAddress();
    }

    private static String withoutDots(String host) {
        int end = host.length();
        while (end > 0 && host.charAt(end - 1) == '.') {
            end--;
        }
        return host.substring(0, end);
    }

    private static String decoded(String host) {
        if (host.indexOf('%') < 0) {
            return host;
        }
        byte[] octets = host.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(octets.length);
        for (int at = 0; at < octets.length; at++) {
            int high = octets[at] == '%' && at + 2 < octets.length ? Character.digit(octets[at + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(octets[at + 2], 16);
            if (low < 0) {
                decoded.write(octets[at]);
            } else {
                decoded.write(high << 4 | low);
                at += 2;
            }
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }

    private static @Nullable String toAscii(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean isPlain = name.chars().allMatch(c -> c < 0x80) && !lower.contains(PUNYCODE_PREFIX);
        return isPlain ? lower : Uts46.toAscii(name);
    }

    /** Loaded with the first name that is not plain ASCII: the tables behind it take time and memory. */
    private static final class Uts46 {

        private static final IDNA RULES = IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII
                | IDNA.NONTRANSITIONAL_TO_UNICODE
                | IDNA.CHECK_BIDI
                | IDNA.CHECK_CONTEXTJ);

        /** Browsers do not check where hyphens are. The lengths are checked by {@link #parse} for all names. */
        private static final Set<IDNA.Error> ALLOWED = EnumSet.of(
                IDNA.Error.LEADING_HYPHEN,
                IDNA.Error.TRAILING_HYPHEN,
                IDNA.Error.HYPHEN_3_4,
                IDNA.Error.EMPTY_LABEL,
                IDNA.Error.LABEL_TOO_LONG,
                IDNA.Error.DOMAIN_NAME_TOO_LONG);

        static @Nullable String toAscii(String name) {
            StringBuilder ascii = new StringBuilder(name.length() + 16);
            IDNA.Info info = new IDNA.Info();
            RULES.nameToASCII(name, ascii, info);
            return ALLOWED.containsAll(info.getErrors()) ? ascii.toString() : null;
        }
    }

    /** Whether the last part of a name makes it an IPv4 address. */
    private static boolean isNumber(String part) {
        return DIGITS.matcher(part).matches() || NUMBER.matcher(part).matches();
    }

    /** One to four numbers, each decimal, octal or hexadecimal; the last fills what is left. */
    private static @Nullable String ipv4(String[] parts, int count) {
        if (count > 4) {
            return null;
        }
        long address = 0;
        for (int at = 0; at < count; at++) {
            boolean isLast = at == count - 1;
            long bound = isLast ? 1L << (8 * (5 - count)) : 256;
            long number = number(parts[at]);
            if (number < 0 || number >= bound) {
                return null;
            }
            address += isLast ? number : number << (8 * (3 - at));
        }
        return (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }

    private static long number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            return -1;
        }
        boolean isHex = text.startsWith("0x") || text.startsWith("0X");
        boolean isOctal = !isHex && text.length() > 1 && text.startsWith("0");
        String digits = (isHex ? text.substring(2) : text).replaceFirst("^0+", "");
        try {
            return digits.isEmpty()
                    ? 0
                    : digits.length() > 12 ? -1 : Long.parseLong(digits, isHex ? 16 : isOctal ? 8 : 10);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static @Nullable InetAddress ipv6(String text) {
        return text.indexOf('%') >= 0 || !NetUtil.isValidIpV6Address(text) ? null : literal(text);
    }

    /** The address that a text without any name is, for which no name service is asked; else null. */
    private static @Nullable InetAddress literal(String text) {
        try {
            return NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text)
                    ? InetAddress.getByName(text)
                    : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
