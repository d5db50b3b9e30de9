package dev.shortwave.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.http.api.ApiResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemMapperTest {

    @Test
    void anUnexpectedFailureSaysNothingOfTheInside() {
        // The only one that is not logged too, where the tests look for defects.
        Throwable failure = new HttpClosedException("SELECT hash FROM secrets");
        ApiResponse answer = ApiResponse.problem(ProblemMapper.of(failure, "an-id"));
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.headers().get(HttpHeaders.CONTENT_TYPE)).isEqualTo("application/json");
        JsonObject problem = answer.body().toJsonObject();
        assertThat(problem.getString("type")).isEqualTo("/problems/internal-server-error");
        assertThat(problem.getString("error")).isEqualTo("Internal server error");
        assertThat(problem.encode()).doesNotContain("SELECT", "secrets", "Exception", "vertx", "java", "shortwave");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 408, 413, 414, 415, 431, 500, 503})
    void aStatusThatVertxChoosesStays(int status) {
        assertThat(ProblemMapper.ofStatus(status).kind().status()).isEqualTo(status);
    }

    @Test
    void onlyBadInputHasItsDetailAsError() {
        assertThat(Problem.badField("title", "title must be a string").error()).isEqualTo("title must be a string");
        for (Problem.Kind kind : Problem.Kind.values()) {
            assertThat(Problem.of(kind, "why").error())
                    .isEqualTo(kind == Problem.Kind.BAD_REQUEST ? "why" : kind.phrase());
        }
    }
}
