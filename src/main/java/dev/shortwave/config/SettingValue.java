package dev.shortwave.config;

/**
 * What a setting is in this process, for the start-up log and the management port.
 *
 * @param setting the setting
 * @param text its value as text
 * @param origin where the value came from, in words
 */
public record SettingValue(Setting<?> setting, String text, String origin) {

    static final String HIDDEN = "<hidden>";

    /** The value as it may be shown: a secret, and the password inside a URL, are hidden. */
    public String redacted() {
        if (setting.secret() && !text.isEmpty()) {
            return HIDDEN;
        }
        return hidePassword(text);
    }

    /**
     * {@code redis://user:secret@host} becomes {@code redis://user:<hidden>@host}, also where the URL is broken, and
     * {@code ?password=secret} becomes {@code ?password=<hidden>}.
     */
    static String hidePassword(String text) {
        return text.replaceAll("(?s)^((?:[^:@]*?://)?[^:@/]*:).*@", "$1" + HIDDEN + "@")
                .replaceAll("(?i)([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&#]*", "$1" + HIDDEN);
    }

    @Override
    public String toString() {
        return setting.key() + " = " + redacted() + " (" + origin + ")";
    }
}
