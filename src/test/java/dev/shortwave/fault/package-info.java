/** What the service does while PostgreSQL or Redis is away, and how it finds back. */
package dev.shortwave.fault;
