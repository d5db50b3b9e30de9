package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@ServiceTest
class ShutdownIT {

    @Test
    void readinessSaysNoBeforeConnectionsAreClosed(Servers servers) {
        Service service = servers.service().set("http.drain-delay", "2s").start();
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(service::close);
        await().atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> service.get("/health/ready").status() == 503);
        Answer ready = service.get("/health/ready").expect(503);
        assertThat(ready.header("Retry-After")).isNotNull();
        assertThat(ready.json().getString("phase")).isEqualTo("draining");
        service.get("/health/live").expect(200);
        service.newLink();
        stopped.join();
    }

    @Test
    void everyAnsweredClickIsBookedWhenTheServiceHasStopped(Servers servers) {
        Service service = servers.service().start();
        JsonObject link = service.newLink();
        List<CompletableFuture<Answer>> answers = IntStream.range(0, 200)
                .mapToObj(number -> service.getSoon("/" + link.getString("short_code")))
                .toList();
        service.close();
        long answered = answers.stream()
                .filter(answer -> answer.handle((got, failure) -> failure == null && got.status() == 302)
                        .join())
                .count();
        assertThat(service.database().number("SELECT count(*) FROM events WHERE event_type = 'click'"))
                .isGreaterThanOrEqualTo(answered);
    }

    @Test
    void whatWasStoredIsThereAfterARestart(Servers servers) {
        Service first = servers.service().start();
        JsonObject link = first.newLink();
        first.get("/" + link.getString("short_code")).expect(302);
        first.close();
        try (Service second = servers.service().on(first.database()).start()) {
            assertThat(second.get("/urls/" + link.getLong("id")).expect(200).json())
                    .isEqualTo(link);
            assertThat(second.get("/" + link.getString("short_code"))
                            .expect(302)
                            .header("X-Cache"))
                    .isEqualTo("HIT");
            assertThat(second.eventsOf(link, "click")).hasSize(2);
        }
    }
}
