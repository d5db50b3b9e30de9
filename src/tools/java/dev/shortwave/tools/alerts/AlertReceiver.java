package dev.shortwave.tools.alerts;

import com.sun.net.httpserver.HttpServer;
import dev.shortwave.tools.CommandLine;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A webhook that prints the alerts of Alertmanager. */
public final class AlertReceiver {

    private static final String USAGE = """
            Usage: AlertReceiver PORT

            Listens on 127.0.0.1:PORT, and prints a line for each alert that Alertmanager posts:
            MILLISECONDS-SINCE-1970 firing|resolved NAME
            """;

    private AlertReceiver() {}

    public static void main(String[] arguments) throws IOException {
        CommandLine.require(arguments.length == 1, USAGE);
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            alerts(body).forEach(alert -> System.out.println(System.currentTimeMillis() + " " + alert));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    /** State and name of each alert of a message. */
    static List<String> alerts(String message) {
        JsonArray alerts = new JsonObject(message).getJsonArray("alerts");
        return alerts.stream()
                .map(JsonObject.class::cast)
                .map(alert -> alert.getString("status") + " "
                        + alert.getJsonObject("labels").getString("alertname"))
                .toList();
    }
}
