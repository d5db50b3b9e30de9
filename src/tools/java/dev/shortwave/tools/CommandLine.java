package dev.shortwave.tools;

/** Arguments of a program. */
public final class CommandLine {

    /** What a program ends with whose arguments are wrong. */
    public static final int EXIT_USAGE = 2;

    private CommandLine() {}

    /** Prints the usage and ends the program, unless the arguments are valid. */
    public static void require(boolean valid, String usage) {
        if (!valid) {
            System.err.print(usage);
            System.exit(EXIT_USAGE);
        }
    }
}
