package dev.shortwave.bench;

import java.util.HashMap;
import java.util.Map;

/** Flags of a bench, {@code --name value}. Unknown ones, and {@code --help}, print the usage and end the program. */
final class Flags {

    private final Map<String, String> nameToValue;

    private Flags(Map<String, String> nameToValue) {
        this.nameToValue = nameToValue;
    }

    static Flags of(String[] arguments, String usage, Map<String, String> defaults) {
        Map<String, String> values = new HashMap<>(defaults);
        for (int at = 0; at < arguments.length; at += 2) {
            String name = arguments[at];
            if (name.equals("--help")) {
                System.out.print(usage);
                System.exit(0);
            }
            if (!defaults.containsKey(name) || at + 1 == arguments.length) {
                System.err.print("Not understood: " + name + "\n" + usage);
                System.exit(2);
            }
            values.put(name, arguments[at + 1]);
        }
        return new Flags(values);
    }

    String text(String name) {
        return nameToValue.getOrDefault(name, "");
    }

    int number(String name) {
        return Integer.parseInt(text(name));
    }

    double fraction(String name) {
        return Double.parseDouble(text(name));
    }
}
