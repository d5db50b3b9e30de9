package dev.shortwave.stats;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The kind of program that followed a link, by its {@code User-Agent}, and whether it is a bot. Counted by link, so few and
 * coarse: each has a column {@code agent_…} of {@code link_clicks}. Versions are ignored, and forged headers are not
 * detected.
 */
public enum UserAgentFamily {
    CHROME("Chrome", false),
    SAFARI("Safari", false),
    FIREFOX("Firefox", false),
    EDGE("Edge", false),
    OPERA("Opera", false),
    SAMSUNG_INTERNET("Samsung Internet", false),
    OTHER_BROWSER("Other browser", false),
    GOOGLEBOT("Googlebot", true),
    BINGBOT("bingbot", true),
    LINK_PREVIEW("Link preview", true),
    OTHER_BOT("Other bot", true),
    CURL("curl", true),
    WGET("Wget", true),
    K6("k6", true),

    /** Programs that do not claim to be a browser, and requests without a name. */
    OTHER_PROGRAM("Other program", true);

    /** In order of precedence: the first match decides. Browsers also name their ancestors. */
    private static final List<Sign> SIGNS = List.of(
            sign("googlebot|google-inspectiontool|adsbot-google|googleother", GOOGLEBOT),
            sign("bingbot|bingpreview|adidxbot", BINGBOT),
            sign(
                    "facebookexternalhit|facebot|meta-externalagent|twitterbot|linkedinbot|slackbot|slack-imgproxy|whatsapp/"
                            + "|telegrambot|discordbot|skypeuripreview|pinterestbot|redditbot|mastodon/|bluesky|embedly|iframely",
                    LINK_PREVIEW),
            sign("^curl/", CURL),
            sign("^wget", WGET),
            sign("^(grafana )?k6/", K6),
            // Cubot is a brand of phones.
            sign(
                    "(?<!cu)bot(\\b|_)|crawl|spider|slurp|headless|lighthouse|monitor|uptime|preview|archiver|scrap"
                            + "|\\+https?://|feedfetcher|phantomjs|selenium|pingdom|yandex\\.com/bots|ahrefs|semrush|gptbot|claude|perplexity",
                    OTHER_BOT),
            sign("^(?!mozilla/|opera/)", OTHER_PROGRAM),
            sign("edg(e|a|ios)?/", EDGE),
            sign("opr/|opera|opt/|opios/|opx/", OPERA),
            sign("samsungbrowser/", SAMSUNG_INTERNET),
            sign("firefox/|fxios/|focus/", FIREFOX),
            sign(
                    "vivaldi/|yabrowser/|ucbrowser/|duckduckgo/|brave/|qqbrowser/|miuibrowser/|silk/|whale/",
                    OTHER_BROWSER),
            sign("chrome/|crios/|chromium/", CHROME),
            sign("version/[0-9.]+.* safari/|(iphone|ipad|macintosh).*applewebkit/", SAFARI));

    private final String title;
    private final boolean bot;

    UserAgentFamily(String title, boolean bot) {
        this.title = title;
        this.bot = bot;
    }

    private record Sign(Pattern pattern, UserAgentFamily family) {}

    private static Sign sign(String pattern, UserAgentFamily family) {
        return new Sign(Pattern.compile(pattern), family);
    }

    /** The family of a {@code User-Agent}, whatever is in it; null is a request without one. */
    public static UserAgentFamily of(@Nullable String userAgent) {
        if (userAgent == null || userAgent.isBlank()) {
            return OTHER_PROGRAM;
        }
        String text = userAgent.strip().toLowerCase(Locale.ROOT);
        for (Sign sign : SIGNS) {
            if (sign.pattern().matcher(text).find()) {
                return sign.family();
            }
        }
        return OTHER_BROWSER;
    }

    /** Display name. */
    public String title() {
        return title;
    }

    /** Whether it is a program without a person. */
    public boolean isBot() {
        return bot;
    }

    /** Suffix of the column {@code agent_…} in the database. */
    public String columnSuffix() {
        return name().toLowerCase(Locale.ROOT);
    }
}
