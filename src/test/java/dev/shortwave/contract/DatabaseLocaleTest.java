package dev.shortwave.contract;

import dev.shortwave.fixture.Client;
import dev.shortwave.fixture.Servers;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The rules of the contract are the same in every database, whatever its locale. */
@ServiceTest
class DatabaseLocaleTest {

    /** In Turkish, I is no i. */
    private static final String TURKISH = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'";

    @Test
    void addressesDifferInMoreThanTheCaseOfLetters(Servers servers) {
        try (Service service =
                servers.service().on(servers.postgres().newDatabase(TURKISH)).start()) {
            service.post("/users", user("INFO1@X.org")).expect(201);
            service.post("/users", user("info1@x.org")).problem(409, "email");
            service.upload("/users/bulk", "file", "username,email\nimported,INFO2@X.org\n")
                    .expect(201);
            service.post("/users", user("info2@x.org")).problem(409, "email");
            JsonObject other = service.newUser();
            String path = "/users/" + other.getLong("id");
            service.patch(path, JsonObject.of("email", "info1@x.org")).problem(409, "email");
            service.patch(path, JsonObject.of("email", "info2@x.org")).problem(409, "email");
            service.patch(path, JsonObject.of("email", other.getString("email").toUpperCase(java.util.Locale.ROOT)))
                    .expect(200);
        }
    }

    private static JsonObject user(String email) {
        return JsonObject.of("username", Client.word(), "email", email);
    }
}
