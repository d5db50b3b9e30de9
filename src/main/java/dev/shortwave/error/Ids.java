package dev.shortwave.error;

/**
 * Which ids there are. JSON readers that keep numbers as IEEE doubles, as JavaScript does, know each whole number up to
 * 2<sup>53</sup> &minus; 1 exactly, and read another id than the one that was sent beyond it.
 */
public final class Ids {

    /** No id is larger. */
    public static final long MAX = (1L << 53) - 1;

    /** The largest id that a file may bring. The sequence goes on behind it, and has 7 · 10<sup>12</sup> ids left. */
    public static final long MAX_IMPORTED = 9_000_000_000_000_000L;

    private Ids() {}
}
