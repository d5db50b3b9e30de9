/** The REST contract, line by line, against the running service. */
package dev.shortwave.contract;
