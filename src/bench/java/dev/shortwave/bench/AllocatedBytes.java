package dev.shortwave.bench;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Reads how much the event loops of another JVM have allocated since it started; the JVM needs no preparation. */
public final class AllocatedBytes {

    private static final String USAGE = """
            Usage: AllocatedBytes PROCESS

            Prints the bytes that the event-loop threads of this Java process have allocated so far.
            """;

    private static final String EVENT_LOOPS = "vert.x-eventloop-thread-";

    private AllocatedBytes() {}

    @SuppressWarnings("BanJNDI") // the address is the one that the process itself has just given
    public static void main(String[] arguments) throws IOException, AttachNotSupportedException {
        if (arguments.length != 1) {
            System.err.print(USAGE);
            System.exit(2);
        }
        VirtualMachine machine = VirtualMachine.attach(arguments[0]);
        JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
        machine.detach();
        try (JMXConnector connector = JMXConnectorFactory.connect(address)) {
            System.out.println(ofEventLoops(connector.getMBeanServerConnection()));
        }
    }

    private static long ofEventLoops(MBeanServerConnection connection) throws IOException {
        var threads = ManagementFactory.newPlatformMXBeanProxy(
                connection, ManagementFactory.THREAD_MXBEAN_NAME, com.sun.management.ThreadMXBean.class);
        long bytes = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().startsWith(EVENT_LOOPS)) {
                bytes += threads.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return bytes;
    }
}
