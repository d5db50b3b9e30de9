package dev.shortwave.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shortwave.fixture.Answer;
import dev.shortwave.fixture.Service;
import dev.shortwave.fixture.ServiceTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ServiceTest(seeded = true)
class PagingContractTest {

    private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

    private final Service service;

    PagingContractTest(Service service) {
        this.service = service;
    }

    private static List<Long> ids(JsonArray rows) {
        return rows.stream().map(row -> ((JsonObject) row).getLong("id")).toList();
    }

    private static String next(Answer answer) {
        String link = answer.header("Link");
        if (link == null) {
            return null;
        }
        Matcher matcher = NEXT.matcher(link);
        assertThat(matcher.matches()).as("Link: %s", link).isTrue();
        return matcher.group(1);
    }

    /** All rows, by way of the header alone. */
    private List<Long> walk(String path) {
        List<Long> all = new ArrayList<>();
        for (String at = path; at != null; ) {
            Answer answer = service.get(at).expect(200);
            all.addAll(ids(answer.array()));
            at = next(answer);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/urls", "/events"})
    void withoutAnyParameterAListHasItsFirst500RowsAndNamesTheNext(String path) {
        Answer answer = service.get(path).expect(200);
        assertThat(ids(answer.array())).hasSize(500).isSorted().startsWith(1L);
        assertThat(next(answer)).isEqualTo(path + "?after=500&limit=500");
    }

    @Test
    void theHeaderNamesAParameterOfThePathOnce() {
        JsonObject link = service.newLink();
        service.patch("/urls/" + link.getLong("id"), JsonObject.of("title", "a title"))
                .expect(200);
        String path = "/urls/" + link.getLong("id") + "/events";
        Answer answer = service.get(path + "?limit=1&order=asc").expect(200);
        assertThat(next(answer))
                .isEqualTo(path + "?after=" + ids(answer.array()).get(0) + "&limit=1&order=asc");
    }

    @Test
    void aShortListNamesNoNextPage() {
        Answer answer = service.get("/users").expect(200);
        assertThat(answer.array()).hasSizeGreaterThanOrEqualTo(400);
        assertThat(answer.header("Link")).isNull();
    }

    @ParameterizedTest
    @CsvSource({"/users,400", "/urls,2000", "/events,3422"})
    void theHeaderLeadsThroughAllRowsOnce(String path, int least) {
        assertThat(walk(path)).hasSizeGreaterThanOrEqualTo(least).isSorted().doesNotHaveDuplicates();
        assertThat(walk(path + "?limit=333")).isEqualTo(walk(path));
        assertThat(walk(path + "?order=desc"))
                .hasSizeGreaterThanOrEqualTo(least)
                .isSortedAccordingTo(Comparator.reverseOrder())
                .doesNotHaveDuplicates();
    }

    @Test
    void theHeaderKeepsTheFilters() {
        List<Long> inactive = walk("/urls?is_active=false&limit=50");
        assertThat(inactive).hasSizeBetween(200, 600);
        assertThat(inactive).isEqualTo(walk("/urls?is_active=false"));
        Answer answer = service.get("/urls?q=%25%26+%C3%A9&limit=1");
        assertThat(answer.expect(200).array()).isEmpty();
        Answer filtered = service.get("/urls?q=https%3A%2F%2F&is_active=true&limit=1&order=desc")
                .expect(200);
        assertThat(next(filtered))
                .contains("q=https%3A%2F%2F")
                .contains("is_active=true")
                .contains("order=desc");
        assertThat(service.get(next(filtered)).expect(200).array()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users", "/urls", "/events"})
    void pagesAreCountedFromOne(String path) {
        assertThat(ids(service.get(path + "?page=1&per_page=3").expect(200).array()))
                .containsExactly(1L, 2L, 3L);
        assertThat(ids(service.get(path + "?page=2&per_page=3").expect(200).array()))
                .containsExactly(4L, 5L, 6L);
        assertThat(ids(service.get(path + "?per_page=2").expect(200).array())).containsExactly(1L, 2L);
        assertThat(service.get(path + "?page=1000000&per_page=500").expect(200).array())
                .isEmpty();
        assertThat(service.get(path + "?page=1000000000000&per_page=500")
                        .expect(200)
                        .array())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users", "/urls", "/events"})
    void aPageHas50RowsUnlessSaidOtherwise(String path) {
        assertThat(ids(service.get(path + "?page=1").expect(200).array()))
                .hasSize(50)
                .startsWith(1L);
        assertThat(ids(service.get(path + "?page=2").expect(200).array()))
                .hasSize(50)
                .startsWith(51L);
        assertThat(ids(service.get(path + "?page=1&per_page=500").expect(200).array()))
                .hasSizeGreaterThanOrEqualTo(400);
    }

    @Test
    void aNumberedPageNamesTheRowsBehindIt() {
        Answer answer = service.get("/urls?page=2&per_page=10").expect(200);
        assertThat(ids(service.get(next(answer)).expect(200).array()))
                .startsWith(21L)
                .hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users", "/urls", "/events"})
    void keysetPagesBeginBehindAnId(String path) {
        assertThat(ids(service.get(path + "?after=7&limit=3").expect(200).array()))
                .containsExactly(8L, 9L, 10L);
        assertThat(ids(service.get(path + "?after=0&limit=1").expect(200).array()))
                .containsExactly(1L);
        assertThat(ids(service.get(path + "?after=7&limit=3&order=desc")
                        .expect(200)
                        .array()))
                .containsExactly(6L, 5L, 4L);
        for (String beyond : List.of("after=9007199254740991", "page=1000000000000&per_page=500")) {
            assertThat(service.get(path + "?" + beyond).expect(200).array()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/users", "/urls", "/events", "/urls/1/events"})
    void aPageThatCannotBeIsRefused(String path) {
        for (String junk : List.of(
                "page=0",
                "page=-1",
                "page=abc",
                "page=1.5",
                "page=",
                "page=99999999999999999999",
                "page=1000000000001",
                "page=%D9%A1",
                "page=%2B1",
                "after=9007199254740992",
                "per_page=0",
                "per_page=501",
                "per_page=x",
                "limit=0",
                "limit=501",
                "limit=x",
                "after=-1",
                "after=x",
                "offset=-1",
                "offset=x",
                "offset=",
                "order=up")) {
            service.get(path + "?" + junk).problem(400, junk.substring(0, junk.indexOf('=')));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "page=1&after=0,after",
        "page=2&per_page=10&after=5,after",
        "page=1&offset=0,offset",
        "after=5&offset=5,offset",
        "per_page=5&limit=6,limit",
        "page=1&per_page=5&limit=6,limit",
    })
    void parametersThatContradictEachOtherAreRefused(String query, String field) {
        for (String path : List.of("/users", "/urls", "/events", "/urls/1/events")) {
            service.get(path + "?" + query).problem(400, field);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "per_page=3&limit=3,1,2,3",
        "page=2&limit=3,4,5,6",
        "page=2&per_page=3&limit=3,4,5,6",
        "after=3&per_page=3,4,5,6",
        "after=3&per_page=3&limit=3,4,5,6",
        "limit=3&offset=3,4,5,6",
        "per_page=3&offset=3,4,5,6",
        "limit=3&offset=0,1,2,3",
        "limit=3,1,2,3",
    })
    void parametersThatAgreeGoTogether(String query, long first, long second, long third) {
        for (String path : List.of("/users", "/urls", "/events")) {
            Answer answer = service.get(path + "?" + query).expect(200);
            assertThat(ids(answer.array())).as(query).containsExactly(first, second, third);
            assertThat(next(answer)).endsWith("?after=" + third + "&limit=3");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "page=abc                  | page must be a whole number from 1 to 1000000000000",
                "page=99999999999999999999 | page must be a whole number from 1 to 1000000000000",
                "limit=1.5                 | limit must be a whole number from 1 to 500",
                "per_page=                 | per_page must not be empty",
                "after=%00                 | after must not contain control characters",
                "after=-1                  | after must be a whole number from 0 to 9007199254740991",
                "order=                    | order must not be empty",
                "order=up                  | order must be asc or desc",
                "page=1&page=1             | page is given more than once",
            })
    void whyAPageCannotBeIsSaid(String query, String error) {
        assertThat(service.get("/users?" + query).problem(400).getString("error"))
                .isEqualTo(error);
    }

    @Test
    void theEventsOfALinkCanBePaged() {
        JsonObject link = service.newLink();
        for (int round = 0; round < 4; round++) {
            service.get("/" + link.getString("short_code")).expect(302);
        }
        String path = "/urls/" + link.getLong("id") + "/events";
        assertThat(walk(path + "?limit=2")).hasSize(5).isEqualTo(walk(path));
        assertThat(service.get(path + "?page=2&per_page=2").expect(200).array()).hasSize(2);
        assertThat(service.get(path + "?page=9").expect(200).array()).isEmpty();
    }
}
