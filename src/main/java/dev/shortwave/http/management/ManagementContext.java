package dev.shortwave.http.management;

import dev.shortwave.config.RunningConfig;
import dev.shortwave.runtime.LiveSettings;
import dev.shortwave.runtime.VerticleManager;

/** What operators see and change: the settings that count, the way to change them, and what runs. */
public record ManagementContext(RunningConfig config, LiveSettings live, VerticleManager verticles) {}
