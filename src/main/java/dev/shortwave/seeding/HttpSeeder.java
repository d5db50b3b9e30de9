package dev.shortwave.seeding;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.error.StartupException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Sends the files to a running service's management port, one after the other. Blocking, for the command line. */
final class HttpSeeder {

    private final URI service;
    private final String token;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    HttpSeeder(URI service, String token) {
        this.service = service;
        this.token = token;
    }

    /** Fails with {@link StartupException}, whose message names the file that was not loaded, and the reason. */
    void load(Path folder) {
        for (BeginImport.Kind kind : SeedFolder.ORDER) {
            Path file = folder.resolve(SeedFolder.fileName(kind));
            if (!Files.isReadable(file)) {
                throw new StartupException(file + " is missing or not readable; nothing was loaded.");
            }
        }
        for (BeginImport.Kind kind : SeedFolder.ORDER) {
            send(kind, folder.resolve(SeedFolder.fileName(kind)));
        }
    }

    private void send(BeginImport.Kind kind, Path file) {
        Progress progress = new Progress(file);
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        service.resolve("/admin/seeds/" + kind.name().toLowerCase(Locale.ROOT)))
                .header("content-type", "text/csv");
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        try {
            request.POST(HttpRequest.BodyPublishers.ofInputStream(progress::open));
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            JsonObject answer = new JsonObject(response.body());
            if (response.statusCode() != 200) {
                throw new StartupException(
                        file + " was not loaded, nothing of it is stored: " + answer.getString("detail"));
            }
            progress.done(answer.getLong("rows"), answer.getLong("changed"));
        } catch (DecodeException e) {
            throw new StartupException(service + " answers, but it is no management port of Shortwave", e);
        } catch (IOException e) {
            throw new StartupException(
                    file + " was not loaded: no answer from " + service + " (" + e.getMessage()
                            + "). Is the service running? Its management port is --service.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        }
    }
}
