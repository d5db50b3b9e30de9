package dev.shortwave.bus;

/**
 * A message with a reply.
 *
 * @param <R> type of the reply
 */
public interface Request<R> {

    /** Where its handler listens, from {@link Addresses}. */
    String address();
}
