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
 * <tr><td>{@code http}</td><td>the redirect, the REST API, the operators' port</td></tr>
 * <tr><td>{@code storage}</td><td>PostgreSQL: reads, writes, imports</td></tr>
 * <tr><td>{@code cache}</td><td>links in Redis or in the process; warm-up</td></tr>
 * <tr><td>{@code click}</td><td>recording of clicks in batches</td></tr>
 * <tr><td>{@code csv}, {@code seed}</td><td>CSV files: parsing, importing, loading a folder of them</td></tr>
 * <tr><td>{@code postgres}, {@code migrate}, {@code embedded}</td><td>connections, schema, embedded PostgreSQL</td></tr>
 * <tr><td>{@code verticle}, {@code live}</td><td>instances that come and go, settings that change meanwhile</td></tr>
 * <tr><td>{@code health}, {@code metrics}, {@code log}, {@code diagnosis}</td><td>what the service says of itself</td></tr>
 * <tr><td>{@code trace}</td><td>the trace that a caller says its request belongs to</td></tr>
 * </table>
 */
@NullMarked
package dev.shortwave;

import org.jspecify.annotations.NullMarked;
