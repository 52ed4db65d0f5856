package io.posthaste.bench;

/**
 * What was seen of a {@link Rung}.
 *
 * @param few clients held first
 * @param many clients held then
 * @param threads the server's, with many held
 * @param bytesPerWaiter how much its memory grew from few to many, for each more
 * @param delivery each of a few messages to each of its readers, at an even pace
 * @param between a publisher at full speed, one client that asks again at once
 * @param broken how often a client's connection was broken while it waited, and a message published
 * @param brokenLost how many of those messages it did not hear when it was back
 */
record RungResult(
    Rung rung,
    int few,
    int many,
    int threads,
    double bytesPerWaiter,
    Result delivery,
    Result between,
    int broken,
    int brokenLost) {

  /** One line of JSON. */
  String json() {
    return new JsonLine()
        .with("rung", rung.name())
        .with("how", rung.how())
        .with("few", few)
        .with("many", many)
        .with("threads", threads)
        .with("bytes_per_waiter", bytesPerWaiter)
        .with("readers", delivery.load().connections())
        .with("messages", delivery.load().messages())
        .with("rate", delivery.load().rate())
        .with("cpu_us_per_delivery", delivery.cpuMicrosPerDelivery())
        .with("to_all_p50_ms", delivery.passMicros() / 1e3)
        .with("p99_ms", delivery.latency().p99() / 1e3)
        .with("delivery_lost", delivery.lost())
        .with("sent", between.acknowledged())
        .with("sent_s", between.publishesPerSecond())
        .with("heard", between.received())
        .with("lost", between.lost())
        .with("repeats", between.duplicates())
        .with("broken", broken)
        .with("broken_lost", brokenLost)
        .with("java", Runtime.version().toString())
        .toString();
  }
}
