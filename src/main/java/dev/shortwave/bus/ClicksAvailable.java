package dev.shortwave.bus;

/** Notifies the recorder of the first pending click. Published, without a reply. */
public record ClicksAvailable() {}
