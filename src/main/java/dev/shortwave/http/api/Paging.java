package dev.shortwave.http.api;

import dev.shortwave.bus.Page;
import dev.shortwave.bus.PageRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Numbered pages, pages by id, and the header that names the next one. */
final class Paging {

    private static final int MAX_PAGE_SIZE = 500;
    private static final int DEFAULT_PAGE_SIZE = 50;

    /** Far beyond any real list, and small enough for the product with the page's length. */
    private static final long LAST_PAGE = 1_000_000_000_000L;

    private static final long LAST_ID = 999_999_999_999_999_999L;

    private static final Set<String> OWN_PARAMETERS = Set.of("page", "per_page", "after", "limit", "offset");

    private Paging() {}

    /**
     * Which part of the list the query asks for. {@code per_page} and {@code limit} are two names of one thing; of
     * {@code page}, {@code offset} and {@code after}, each of which says where to begin, there may be one.
     */
    static PageRequest pageRequest(ApiRequest call) {
        Long page = call.queryNumber("page", 1, LAST_PAGE);
        Long perPage = call.queryNumber("per_page", 1, MAX_PAGE_SIZE);
        Long after = call.queryId("after");
        Long limit = call.queryNumber("limit", 1, MAX_PAGE_SIZE);
        Long offset = call.queryNumber("offset", 0, LAST_ID);
        boolean descending = descending(call);
        if (perPage != null && limit != null && !perPage.equals(limit)) {
            throw JsonBody.bad("limit", "must be the same as per_page where both are given");
        }
        if (page != null && (after != null || offset != null)) {
            throw JsonBody.bad(
                    after != null ? "after" : "offset", "must not be given with page: both say where to begin");
        }
        if (after != null && offset != null) {
            throw JsonBody.bad("offset", "must not be given with after: both say where to begin");
        }
        Long given = perPage == null ? limit : perPage;
        int length = given != null ? given.intValue() : page != null ? DEFAULT_PAGE_SIZE : MAX_PAGE_SIZE;
        long skipped = page != null ? (page - 1) * length : offset != null ? offset : 0;
        return new PageRequest(after == null ? -1 : after, skipped, length, descending);
    }

    private static boolean descending(ApiRequest call) {
        String order = call.query("order");
        if (order == null || order.equals("asc")) {
            return false;
        }
        if (order.equals("desc")) {
            return true;
        }
        throw JsonBody.bad("order", "must be asc or desc");
    }

    /** The part as an array, with the address of the next part where there is one. */
    static <T> ApiResponse answer(
            ApiRequest call, PageRequest slice, Page<T> rows, Function<T, JsonObject> toJson, ToLongFunction<T> id) {
        JsonArray array = new JsonArray();
        rows.rows().forEach(row -> array.add(toJson.apply(row)));
        ApiResponse answer = ApiResponse.json(200, array);
        if (!rows.hasMore()) {
            return answer;
        }
        List<T> all = rows.rows();
        long last = id.applyAsLong(all.get(all.size() - 1));
        String filters = call.queryParameters().entries().stream()
                .filter(parameter -> !OWN_PARAMETERS.contains(parameter.getKey()))
                .map(Paging::encoded)
                .collect(Collectors.joining());
        return answer.with(
                HttpHeaders.createOptimized("link"),
                "<" + call.path() + "?after=" + last + "&limit=" + slice.limit() + filters + ">; rel=\"next\"");
    }

    private static String encoded(Map.Entry<String, String> parameter) {
        return "&" + URLEncoder.encode(parameter.getKey(), StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8);
    }
}
