// Latencies of a lane: the newest few for figures, the last minute for the plot.

const FIGURES = 500;
const PLOTTED_MILLIS = 60_000;
const MOST_PLOTTED = 16_384;

export class Latencies {
  last = NaN;
  #recent = new Float64Array(FIGURES);
  #count = 0;
  #sorted = null;
  #points = []; // {at, latency}, oldest first
  #from = 0;

  add(at, latency) {
    this.last = latency;
    this.#recent[this.#count++ % FIGURES] = latency;
    this.#sorted = null;
    this.#points.push({ at, latency });
    if (this.#points.length - this.#from > MOST_PLOTTED) {
      this.#from += 1;
    }
  }

  get median() {
    return this.#quantile(0.5);
  }

  get p99() {
    return this.#quantile(0.99);
  }

  /** The smallest latency that this share of the newest does not exceed. */
  #quantile(share) {
    const size = Math.min(this.#count, FIGURES);
    if (size === 0) {
      return NaN;
    }
    this.#sorted ??= this.#recent.slice(0, size).sort();
    return this.#sorted[Math.max(0, Math.ceil(share * size) - 1)];
  }

  /** Calls with each point of the last minute, oldest first. */
  eachPoint(now, call) {
    const points = this.#points;
    while (this.#from < points.length && points[this.#from].at < now - PLOTTED_MILLIS) {
      this.#from += 1;
    }
    if (this.#from > 4096) {
      points.splice(0, this.#from);
      this.#from = 0;
    }
    for (let i = this.#from; i < points.length; i++) {
      call(points[i].at, points[i].latency);
    }
  }
}
