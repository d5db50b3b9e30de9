package dev.shortwave.diagnostics;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** All threads with their stacks, locks and times, as {@code jstack} shows them. Blocking: all threads are stopped for it. */
public final class ThreadDump {

    private ThreadDump() {}

    /**
     * Takes one.
     *
     * @throws IllegalStateException if this JVM is none of the HotSpot family
     */
    public static String take() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "threadPrint",
                            new Object[] {new String[] {"-l"}},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new IllegalStateException("this JVM prints no threads", e);
        }
    }
}
