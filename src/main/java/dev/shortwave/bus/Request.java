package dev.shortwave.bus;

/**
 * A message that asks for an answer.
 *
 * @param <R> what the answer is
 */
public interface Request<R> {

    /** Where its handler listens, from {@link Addresses}. */
    String address();
}
