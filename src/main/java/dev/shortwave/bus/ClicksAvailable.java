package dev.shortwave.bus;

/** Wakes the recorder: there were no clicks waiting, and now there is one. Sent, not answered. */
public record ClicksAvailable() {}
