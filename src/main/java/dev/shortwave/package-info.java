/**
 * Shortwave, a URL shortener built to be loaded.
 *
 * <table>
 * <caption>Packages</caption>
 * <tr><td>{@code Shortwave}, {@code Topology}</td><td>start and stop; the one list of verticles</td></tr>
 * <tr><td>{@code config}</td><td>every setting, typed and validated once</td></tr>
 * <tr><td>{@code bus}</td><td>the contract between verticles: addresses, messages, codecs</td></tr>
 * <tr><td>{@code link}, {@code user}, {@code event}</td><td>what the service is about: values and rules</td></tr>
 * <tr><td>{@code problem}</td><td>what can be wrong with a request, and its status</td></tr>
 * <tr><td>{@code http}</td><td>the REST API and the redirect</td></tr>
 * <tr><td>{@code storage}</td><td>PostgreSQL: reads, writes, imports</td></tr>
 * <tr><td>{@code cache}</td><td>links in Redis or in the process; warm-up</td></tr>
 * <tr><td>{@code click}</td><td>recording of clicks in batches</td></tr>
 * <tr><td>{@code seed}</td><td>CSV files: parsing and loading</td></tr>
 * <tr><td>{@code migrate}, {@code embedded}, {@code metrics}, {@code management}</td><td>schema, embedded PostgreSQL,
 * counters, the operators' port</td></tr>
 * </table>
 */
@NullMarked
package dev.shortwave;

import org.jspecify.annotations.NullMarked;
