import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Listens on a port of the loopback address until it is ended. */
public final class Listen {

    private Listen() {}

    public static void main(String[] arguments) throws IOException {
        try (ServerSocket socket = new ServerSocket(Integer.parseInt(arguments[0]), 50, InetAddress.getLoopbackAddress())) {
            while (true) {
                socket.accept().close();
            }
        }
    }
}
