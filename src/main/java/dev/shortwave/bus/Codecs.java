package dev.shortwave.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;
import java.util.List;

/**
 * The codecs of all messages. They pass on the same immutable instance and copy nothing. A message that would leave the
 * JVM fails.
 */
public final class Codecs {

    private static final List<Class<?>> MESSAGES = List.of(
            ListUsers.class,
            FindUser.class,
            CreateUser.class,
            UpdateUser.class,
            DeleteUser.class,
            ListLinks.class,
            FindLink.class,
            CreateLink.class,
            UpdateLink.class,
            DeleteLink.class,
            ResolveCodes.class,
            FindStats.class,
            ListEvents.class,
            FindEvent.class,
            CreateEvent.class,
            BeginImport.class,
            ImportRows.class,
            FinishImport.class,
            AbortImport.class,
            PingStorage.class,
            CheckStorage.class,
            ClicksAvailable.class,
            FlushClicks.class,
            WarmCache.class,
            PublishInvalidations.class,
            FlushCluster.class,
            Reply.class);

    private Codecs() {}

    /** Registers all codecs, once, before the first verticle. */
    public static void registerAll(EventBus bus) {
        MESSAGES.forEach(type -> register(bus, type));
    }

    private static <M> void register(EventBus bus, Class<M> type) {
        bus.registerDefaultCodec(type, new Identity<>(type));
    }

    private record Identity<M>(Class<M> type) implements MessageCodec<M, M> {

        @Override
        public void encodeToWire(Buffer buffer, M message) {
            throw new UnsupportedOperationException(name() + " stays in this JVM");
        }

        @Override
        public M decodeFromWire(int position, Buffer buffer) {
            throw new UnsupportedOperationException(name() + " stays in this JVM");
        }

        @Override
        public M transform(M message) {
            return message;
        }

        @Override
        public String name() {
            return type.getName();
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
