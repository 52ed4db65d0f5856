package io.posthaste.core;

/**
 * Figures of a hub at a moment.
 *
 * @param readers how many readers there are, held polls included and the server's own not
 * @param polls how many polls are held
 * @param feeds of how many topics and patterns recent messages are kept at hand
 * @param tailBytes how many bytes these weigh
 * @param logReads how many pages are being read from the log for readers that are behind
 * @param logReadsWaiting how many readers wait for such a page
 * @param deadlines how many deadlines are set on the shards' wheels, as of the last tick
 * @param delivered how many times a message was given to a reader, since the start
 */
public record HubStats(
    long readers,
    long polls,
    long feeds,
    long tailBytes,
    long logReads,
    long logReadsWaiting,
    long deadlines,
    long delivered) {}
