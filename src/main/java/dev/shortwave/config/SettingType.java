package dev.shortwave.config;

import dev.shortwave.error.Numbers;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of a setting. Values arrive as text from every source, so that a password {@code 0123} stays one.
 *
 * @param allowed what is allowed, as the end of the sentence "must be …"
 * @param parse gives the value, or throws {@link IllegalArgumentException} for text that is not allowed
 * @param takesList whether the file may also give it as a list
 */
public record SettingType<T>(String allowed, Function<String, T> parse, boolean takesList) {

    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,12})\\s*([A-Za-z]*)");

    private static final Pattern RATIO = Pattern.compile("0\\.\\d{1,9}|1(\\.0{1,9})?");

    private static final String TEXT = "text";

    private SettingType(String allowed, Function<String, T> parse) {
        this(allowed, parse, false);
    }

    /** Whether this text is a valid value. */
    public boolean allows(String text) {
        try {
            T unused = parse.apply(text);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    static SettingType<String> text() {
        return new SettingType<>(TEXT, Function.identity());
    }

    static SettingType<String> text(String allowed, Predicate<String> valid) {
        return new SettingType<>(allowed, text -> {
            require(text.isEmpty() || valid.test(text));
            return text;
        });
    }

    static SettingType<String> requiredText() {
        return new SettingType<>(TEXT + " that is not empty", text -> {
            require(!text.isBlank());
            return text;
        });
    }

    static SettingType<List<String>> list(String allowed) {
        return new SettingType<>(
                allowed,
                text -> Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList(),
                true);
    }

    /** Hosts with their ports, which can't be left out. */
    static SettingType<List<String>> addresses(String example) {
        SettingType<List<String>> items = list("addresses such as " + example + ", separated by commas");
        return new SettingType<>(
                items.allowed(),
                text -> {
                    List<String> addresses = items.parse().apply(text);
                    for (String address : addresses) {
                        URI uri = URI.create("tcp://" + address);
                        HostAndPort place = UrlAuthority.of(uri);
                        require(place != null
                                && place.port() > 0
                                && uri.getRawAuthority().equals(address));
                        require(!UrlAuthority.hasCredentials(uri));
                    }
                    return addresses;
                },
                items.takesList());
    }

    static SettingType<IpNetworks> networks() {
        SettingType<List<String>> items = list("addresses or networks such as 10.0.0.0/8, separated by commas");
        return new SettingType<>(
                items.allowed(),
                text -> new IpNetworks(items.parse().apply(text).stream()
                        .map(IpNetworks::network)
                        .toList()),
                items.takesList());
    }

    static SettingType<Integer> number(int min, int max) {
        return new SettingType<>("a whole number from " + min + " to " + max, text -> {
            return Numbers.parseInt(text, min, max);
        });
    }

    /** As {@link #number}, but as text that may also be empty. */
    static SettingType<String> optionalNumber(int min, int max) {
        SettingType<Integer> number = number(min, max);
        return new SettingType<>(number.allowed(), text -> {
            require(text.isEmpty() || number.parse().apply(text) >= min);
            return text;
        });
    }

    /** A share of all, such as of requests that are sampled. */
    static SettingType<Double> ratio() {
        return new SettingType<>("a decimal above 0 and up to 1, such as 0.01, with at most nine digits", text -> {
            require(RATIO.matcher(text).matches());
            double ratio = Double.parseDouble(text);
            require(ratio > 0);
            return ratio;
        });
    }

    static SettingType<Boolean> flag() {
        return new SettingType<>("true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException();
        });
    }

    static SettingType<Duration> duration(Duration min, Duration max) {
        return new SettingType<>(
                "a time from " + show(min) + " to " + show(max) + ", such as 250ms, 5s or 2m", text -> {
                    Matcher matcher = QUANTITY.matcher(text);
                    require(matcher.matches());
                    long count = Long.parseLong(matcher.group(1));
                    Duration value = switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        case "d" -> Duration.ofDays(count);
                        default -> {
                            // A bare 0 needs no unit.
                            require(count == 0 && matcher.group(2).isEmpty());
                            yield Duration.ZERO;
                        }
                    };
                    require(value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
                    return value;
                });
    }

    /** A number of bytes: {@code 65536}, {@code 64KiB}, {@code 16MiB}, {@code 1GiB}. */
    static SettingType<Long> bytes(long min, long max) {
        return new SettingType<>("a size from " + min + " to " + max + " bytes, such as 64KiB or 16MiB", text -> {
            Matcher matcher = QUANTITY.matcher(text);
            require(matcher.matches());
            long unit = switch (matcher.group(2)) {
                case "", "B" -> 1L;
                case "KiB" -> 1L << 10;
                case "MiB" -> 1L << 20;
                case "GiB" -> 1L << 30;
                default -> throw new IllegalArgumentException();
            };
            long value = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
            require(value >= min && value <= max);
            return value;
        });
    }

    static <E extends Enum<E>> SettingType<E> choice(Class<E> type) {
        String names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return new SettingType<>("one of " + names, text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT)));
    }

    /** A count: a number, or {@code per-core} for one for each processor that the JVM may use. */
    static SettingType<Integer> perCoreOrNumber(int max) {
        return new SettingType<>("per-core or a whole number from 1 to " + max, text -> {
            return text.equals("per-core")
                    ? Math.min(Runtime.getRuntime().availableProcessors(), max)
                    : Numbers.parseInt(text, 1, max);
        });
    }

    /** A count that is always 1. */
    static SettingType<Integer> one(String reason) {
        return new SettingType<>("1: " + reason, text -> {
            require(text.equals("1"));
            return 1;
        });
    }

    /** An absolute URL with one of the schemes and a host, or nothing. */
    static SettingType<@Nullable URI> optionalUri(List<String> schemes, String example) {
        return new SettingType<>("a URL such as " + example, text -> {
            if (text.isEmpty()) {
                return null;
            }
            URI uri = URI.create(text);
            require(uri.getScheme() != null && schemes.contains(uri.getScheme().toLowerCase(Locale.ROOT)));
            require(UrlAuthority.of(uri) != null);
            return uri;
        });
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException();
        }
    }

    private static String show(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
