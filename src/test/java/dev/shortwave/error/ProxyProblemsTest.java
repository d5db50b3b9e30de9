package dev.shortwave.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What HAProxy answers itself has the kinds and phrases of the service. */
class ProxyProblemsTest {

    private static final Pattern ANSWER =
            Pattern.compile("status (\\d{3}) content-type application/json string '(\\{\"type\".*?})'");

    @Test
    void theyAreOfTheKindsThatAreDocumented() throws IOException {
        Matcher answers = ANSWER.matcher(Files.readString(Path.of("haproxy/haproxy.cfg")));
        List<Integer> statuses = new ArrayList<>();
        while (answers.find()) {
            JsonObject problem = new JsonObject(answers.group(2));
            Problem.Kind kind = Stream.of(Problem.Kind.values())
                    .filter(one -> one.type().equals(problem.getString("type")))
                    .findAny()
                    .orElseThrow(() -> new AssertionError(problem));
            assertThat(kind.status()).isEqualTo(Integer.parseInt(answers.group(1)));
            assertThat(problem.getInteger("status")).isEqualTo(kind.status());
            assertThat(problem.getString("title")).isEqualTo(kind.phrase());
            assertThat(problem.getString("error"))
                    .isEqualTo(Problem.of(kind, problem.getString("detail")).error());
            statuses.add(kind.status());
        }
        assertThat(statuses).contains(400, 404, 429, 500, 502, 503, 504);
    }
}
