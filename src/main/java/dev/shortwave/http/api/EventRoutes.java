package dev.shortwave.http.api;

import dev.shortwave.bus.Bus;
import dev.shortwave.bus.CreateEvent;
import dev.shortwave.bus.EventFilter;
import dev.shortwave.bus.FindEvent;
import dev.shortwave.bus.FindLink;
import dev.shortwave.bus.ListEvents;
import dev.shortwave.bus.PageRequest;
import dev.shortwave.error.Problem;
import dev.shortwave.event.Event;
import dev.shortwave.event.EventRules;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.function.Supplier;

/** {@code /events} and {@code /urls/{id}/events}. */
public final class EventRoutes {

    private static final String URL_ID = "url_id";
    private static final String USER_ID = "user_id";
    private static final String EVENT_TYPE = "event_type";

    private final Bus bus;
    private final Supplier<Future<Void>> clicksBooked;

    public EventRoutes(Bus bus, Supplier<Future<Void>> clicksBooked) {
        this.bus = bus;
        this.clicksBooked = clicksBooked;
    }

    public void mount(Routes routes) {
        routes.get("/events", this::list);
        routes.withBody(HttpMethod.POST, "/events", this::create);
        routes.get("/events/:id", this::find);
        routes.get("/urls/:id/events", this::ofLink);
    }

    private Future<ApiResponse> list(ApiRequest call) {
        return list(call, new EventFilter(call.queryId(URL_ID), call.queryId(USER_ID), call.query(EVENT_TYPE)));
    }

    private Future<ApiResponse> list(ApiRequest call, EventFilter filter) {
        PageRequest slice = Paging.pageRequest(call);
        return clicksBooked
                .get()
                .compose(booked -> bus.request(new ListEvents(filter, slice)))
                .map(rows -> Paging.answer(call, slice, rows, JsonViews::event, Event::id));
    }

    /** The events of a deleted link stay readable; only a link that never was is unknown. */
    private Future<ApiResponse> ofLink(ApiRequest call) {
        long id = call.pathId("id", Problem::linkNotFound);
        EventFilter filter = new EventFilter(id, null, null);
        return clicksBooked
                .get()
                .compose(booked -> bus.request(new ListEvents(filter, new PageRequest(-1, 0, 1, false))))
                .compose(any -> any.rows().isEmpty()
                        ? bus.request(new FindLink(id)).compose(link -> list(call, filter))
                        : list(call, filter));
    }

    private Future<ApiResponse> create(ApiRequest call) {
        JsonBody fields = call.body();
        CreateEvent request = new CreateEvent(
                EventRules.type(fields.text(EVENT_TYPE)),
                fields.id(URL_ID),
                fields.optionalId(USER_ID),
                EventRules.details(fields.optionalObject("details")));
        return bus.request(request)
                .map(event -> ApiResponse.json(201, JsonViews.event(event))
                        .with(HttpHeaders.LOCATION, "/events/" + event.id()));
    }

    private Future<ApiResponse> find(ApiRequest call) {
        return bus.request(new FindEvent(call.pathId("id", Problem::eventNotFound)))
                .map(event -> ApiResponse.json(200, JsonViews.event(event)));
    }
}
