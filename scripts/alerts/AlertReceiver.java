import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whoever would be called at night: takes what Alertmanager sends. */
public final class AlertReceiver {

    private static final String USAGE =
            """
            Usage: java AlertReceiver.java PORT

            Listens on 127.0.0.1:PORT, and prints a line for each alert that Alertmanager's webhook tells:
            MILLISECONDS-SINCE-1970 firing|resolved NAME
            """;

    /** One alert begins with its state and its labels, which have no braces here. */
    private static final Pattern ALERT =
            Pattern.compile("\"status\":\"(firing|resolved)\",\"labels\":\\{[^}]*\"alertname\":\"(\\w+)\"");

    private AlertReceiver() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.print(USAGE);
            System.exit(2);
        }
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Matcher alerts = ALERT.matcher(body);
            while (alerts.find()) {
                System.out.println(System.currentTimeMillis() + " " + alerts.group(1) + " " + alerts.group(2));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }
}
