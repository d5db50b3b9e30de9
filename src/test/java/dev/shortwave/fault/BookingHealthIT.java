package dev.shortwave.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import dev.shortwave.fixture.TestDatabase;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** Booking that fails while PostgreSQL answers is told, and so is its end. */
@ServiceTest
class BookingHealthIT {

    @Test
    void itIsToldForHowLongClicksCannotBeBooked(Servers servers) {
        TestDatabase database = servers.postgres().newDatabase();
        try (Service service =
                servers.service().on(database).set("clicks.retry-delay", "50ms").start()) {
            assertThat(service.metric("clicks_failing_seconds")).isZero();
            JsonObject link = service.newLink();
            database.execute("ALTER TABLE click_checkpoints RENAME TO away");
            service.get("/" + link.getString("short_code")).expect(302);
            await().until(() -> service.metric("clicks_failing_seconds") > 0.2);
            assertThat(service.get("/health").expect(200).json().getString("database"))
                    .isEqualTo("ok");
            // Each further attempt fails as well, and the time goes on.
            double before = service.metric("clicks_failing_seconds");
            await().until(() -> service.metric("clicks_failing_seconds") > before + 0.2);

            database.execute("ALTER TABLE away RENAME TO click_checkpoints");
            await().until(() -> service.metric("clicks_failing_seconds") == 0);
            assertThat(service.eventsOf(link, "click")).hasSize(1);
        }
    }
}
