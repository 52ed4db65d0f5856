// A lane's latencies of the last minute: time runs to the left, latency is on a logarithmic scale
// that all lanes share, so that lanes can be compared by eye.

import { log10Place, TICKS } from '../common/scale.js';

const SPAN_MILLIS = 60_000;
const COLUMN = 3; // pixels; what lands in one column is drawn as one bar
const GLOW_MILLIS = 700;
const LEFT = 48;
const DOTS = 4; // so many in a column are drawn each for itself
const RIGHT = 10;
const EDGE = 9;

export class Plot {
  #canvas;
  #colours = null;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Colours have changed. */
  recolour() {
    this.#colours = null;
  }

  #palette() {
    if (!this.#colours) {
      const style = getComputedStyle(this.#canvas);
      const colour = (name) => style.getPropertyValue(name).trim();
      // Canvases do not know light-dark(): let the browser resolve it where it is a colour.
      this.#colours = {
        lane: style.color,
        grid: style.borderTopColor,
        label: style.outlineColor,
        font: `11px ${colour('--font') || 'sans-serif'}`,
      };
    }
    return this.#colours;
  }

  draw(latencies, now, still) {
    const canvas = this.#canvas;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (width === 0 || height === 0) {
      return;
    }
    const scale = Math.min(devicePixelRatio || 1, 3);
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const paint = canvas.getContext('2d');
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.clearRect(0, 0, width, height);
    const y = (millis) => height - EDGE - log10Place(millis) * (height - 2 * EDGE);
    this.#grid(paint, width, y);
    this.#bars(paint, width, y, latencies, now, still);
  }

  #grid(paint, width, y) {
    const { grid, label, font } = this.#palette();
    paint.font = font;
    paint.textAlign = 'right';
    paint.textBaseline = 'middle';
    paint.lineWidth = 1;
    for (const [millis, text] of TICKS) {
      const at = Math.round(y(millis)) + 0.5;
      paint.strokeStyle = grid;
      paint.beginPath();
      paint.moveTo(LEFT, at);
      paint.lineTo(width - RIGHT + 6, at);
      paint.stroke();
      paint.fillStyle = label;
      paint.fillText(text, LEFT - 7, at);
    }
  }

  #bars(paint, width, y, latencies, now, still) {
    const { lane } = this.#palette();
    const right = width - RIGHT;
    const perMilli = (right - LEFT) / SPAN_MILLIS;
    const columns = new Map();
    let newest = null;
    latencies.eachPoint(now, (at, latency) => {
      // Columns are of time and not of the screen, so that bars do not flicker as they move.
      const column = Math.floor((at * perMilli) / COLUMN);
      const bar = columns.get(column);
      if (!bar) {
        columns.set(column, { low: latency, high: latency, dots: [latency] });
      } else {
        bar.low = Math.min(bar.low, latency);
        bar.high = Math.max(bar.high, latency);
        if (bar.dots.length <= DOTS) {
          bar.dots.push(latency);
        }
      }
      newest = { at, latency };
    });
    paint.fillStyle = lane;
    for (const [column, bar] of columns) {
      const x = right - now * perMilli + column * COLUMN;
      if (x < LEFT - 1) {
        continue;
      }
      paint.globalAlpha = 0.35 + (0.6 * (x - LEFT)) / (right - LEFT);
      paint.beginPath();
      if (bar.dots.length <= DOTS) {
        bar.dots.forEach((dot) => paint.roundRect(x - 1, y(dot) - 2.5, 5, 5, 2.5));
      } else {
        paint.roundRect(x - 0.5, y(bar.high) - 2, 4, y(bar.low) - y(bar.high) + 4, 2);
      }
      paint.fill();
    }
    if (newest) {
      const age = now - newest.at;
      const x = right - age * perMilli;
      if (!still && age < GLOW_MILLIS) {
        paint.globalAlpha = 0.28 * (1 - age / GLOW_MILLIS);
        paint.beginPath();
        paint.arc(x, y(newest.latency), 4 + (9 * age) / GLOW_MILLIS, 0, 2 * Math.PI);
        paint.fill();
      }
    }
    const median = latencies.median;
    if (median >= 0) {
      paint.globalAlpha = 0.55;
      paint.strokeStyle = lane;
      paint.setLineDash([2, 4]);
      paint.beginPath();
      paint.moveTo(LEFT, y(median));
      paint.lineTo(right, y(median));
      paint.stroke();
      paint.setLineDash([]);
    }
    paint.globalAlpha = 1;
  }
}
