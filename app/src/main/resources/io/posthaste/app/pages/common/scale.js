// The scale of latencies that plots and the finish line share, and how a latency is written.

const LOW = 0.2; // milliseconds
const HIGH = 12_000;

/** The lines that are drawn, with their names. */
export const TICKS = [
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '100 ms'],
  [1000, '1 s'],
  [10_000, '10 s'],
];

/** Where a latency stands between the ends of the scale: 0 to 1. */
export function log10Place(millis) {
  const place = Math.log10(Math.max(LOW, Math.min(HIGH, millis)) / LOW) / Math.log10(HIGH / LOW);
  return place;
}

/** A latency in words, with as many digits as mean something. */
export function latencyText(millis) {
  if (!(millis >= 0)) {
    return '–';
  }
  if (millis < 10) {
    return `${millis.toFixed(1)} ms`;
  }
  if (millis < 1000) {
    return `${Math.round(millis)} ms`;
  }
  return millis < 10_000 ? `${(millis / 1000).toFixed(2)} s` : `${(millis / 1000).toFixed(1)} s`;
}

/** A number of bytes in words. */
export function bytesText(bytes) {
  if (bytes < 1000) {
    return `${bytes} B`;
  }
  if (bytes < 1_000_000) {
    return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  }
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 2 : 1)} MB`;
}

const whole = new Intl.NumberFormat('en');

/** A count in words. */
export function countText(count) {
  return whole.format(count);
}
