package io.posthaste.bench;

/**
 * What the server's processes used. Memory in KiB: before any connection, with all of them waiting,
 * and after the last delivery; each after a collection where the server is a JVM.
 *
 * @param residentPeak the largest seen while messages flowed, read each quarter of a second
 * @param cpuMicros user and system time between settled and drained
 * @param threads with all connections waiting
 * @param idleCpu CPUs used while the connections were held idle; NaN if they were not
 */
public record ServerUse(
    long residentBefore,
    long residentWaiting,
    long residentAfter,
    long residentPeak,
    long proportionalBefore,
    long proportionalWaiting,
    long proportionalAfter,
    long cpuMicros,
    int threads,
    double idleCpu) {}
