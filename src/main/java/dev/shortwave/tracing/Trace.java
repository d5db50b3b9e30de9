package dev.shortwave.tracing;

/** What a request belongs to. */
public interface Trace {

    /** Of the whole trace, 32 hexadecimal digits. */
    String traceId();

    /** For the header {@code traceparent}, by which others learn of it. */
    String header();

    /** Tells by which route the request goes, before it is answered: a template, never a path. */
    default void route(String template) {}
}
