package dev.shortwave.stats;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserAgentFamilyTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            CHROME | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36
            CHROME | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36
            CHROME | Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1
            CHROME | Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus Build/O11019) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36
            CHROME | Mozilla/5.0 (Linux; Android 11; CUBOT KINGKONG 5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36
            SAFARI | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15
            SAFARI | Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1
            SAFARI | Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148
            FIREFOX | Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0
            FIREFOX | Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15
            EDGE | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0
            EDGE | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763
            EDGE | Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.122 Mobile Safari/537.36 EdgA/125.0.2535.96
            OPERA | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0
            OPERA | Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18
            SAMSUNG_INTERNET | Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36
            OTHER_BROWSER | Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko
            OTHER_BROWSER | Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Vivaldi/6.7
            GOOGLEBOT | Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
            GOOGLEBOT | Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
            BINGBOT | Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36
            LINK_PREVIEW | facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
            LINK_PREVIEW | Twitterbot/1.0
            LINK_PREVIEW | Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
            LINK_PREVIEW | WhatsApp/2.23.20.0
            LINK_PREVIEW | TelegramBot (like TwitterBot)
            LINK_PREVIEW | Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)
            OTHER_BOT | Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
            OTHER_BOT | Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)
            OTHER_BOT | Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36
            OTHER_BOT | Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)
            OTHER_BOT | Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; +https://openai.com/gptbot)
            CURL | curl/8.5.0
            WGET | Wget/1.21.4
            K6 | k6/0.52.0 (https://k6.io/)
            K6 | Grafana k6/1.2.1
            OTHER_PROGRAM | python-requests/2.32.3
            OTHER_PROGRAM | Go-http-client/1.1
            OTHER_PROGRAM | okhttp/4.12.0
            OTHER_PROGRAM | Java-http-client/17.0.15
            OTHER_PROGRAM | \u0001\u0002 %00 ' OR 1=1 --
            """)
    void classifiesRealUserAgents(UserAgentFamily family, String userAgent) {
        assertThat(UserAgentFamily.of(userAgent)).isEqualTo(family);
        assertThat(UserAgentFamily.of("  " + userAgent + " ")).isEqualTo(family);
    }

    @Test
    void aMissingUserAgentIsABot() {
        assertThat(UserAgentFamily.of(null)).isEqualTo(UserAgentFamily.OTHER_PROGRAM);
        assertThat(UserAgentFamily.of("")).isEqualTo(UserAgentFamily.OTHER_PROGRAM);
        assertThat(UserAgentFamily.of(" \t ")).isEqualTo(UserAgentFamily.OTHER_PROGRAM);
        assertThat(UserAgentFamily.OTHER_PROGRAM.isBot()).isTrue();
        assertThat(UserAgentFamily.OTHER_BROWSER.isBot()).isFalse();
    }

    @Test
    void aMillionCharactersTakeLinearTime() {
        assertThat(UserAgentFamily.of("Mozilla/5.0 " + "version/1.1.".repeat(100) + "x".repeat(1_000_000)))
                .isEqualTo(UserAgentFamily.OTHER_BROWSER);
    }

    @Property
    void anythingHasAFamily(@ForAll String userAgent) {
        assertThat(UserAgentFamily.of(userAgent)).isNotNull();
        assertThat(UserAgentFamily.of("Mozilla/5.0 " + userAgent)).isNotNull();
    }
}
