package dev.shortwave.http;

import dev.shortwave.config.RunningConfig;
import dev.shortwave.live.LiveSettings;
import dev.shortwave.verticle.Verticles;

/** What operators see and change: the settings that count, the way to change them, and what runs. */
public record Operators(RunningConfig config, LiveSettings live, Verticles verticles) {}
