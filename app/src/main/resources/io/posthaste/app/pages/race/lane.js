// A lane: one technique, where it stands in the log, and what that has cost.
//
// It keeps its cursor through everything: pausing, hiding the tab, a server that goes and comes back.
// It checks what it hears: publishers of the demo number their messages, so that one heard twice, out
// of order or never is counted here and not just hoped to be absent.
//
// Events: `heard` (detail: {lane, message, latency, late}), `state`, `gap`.

import { Latencies } from '../common/latencies.js';
import { Numbers } from '../common/numbers.js';

const SOON = 50; // milliseconds, as all times here
const FIRST_RETRY = 400;
const LONGEST_RETRY = 5000;

export class Lane extends EventTarget {
  state = 'new'; // connecting, open, retrying, away (held by somebody: paused, or tab hidden)
  trouble = '';
  cursor;
  messages = 0;
  caughtUp = 0;
  requests = 0;
  bytes = 0;
  gaps = 0;
  numbers = new Numbers();
  latencies = new Latencies();

  #clock;
  #topics;
  #close = null;
  #timer = 0;
  #failures = 0;
  #holds = new Set();
  #since = 0; // messages sent before this are caught up with, and say nothing of latency
  #intervalMillis = 1000;
  #hurry = null;

  constructor(technique, topics, clock) {
    super();
    this.technique = technique;
    this.#topics = topics;
    this.#clock = clock;
  }

  get key() {
    return this.technique.key;
  }

  /** Begins after a cursor. */
  start(cursor) {
    this.cursor = cursor;
    this.#since = this.#clock.now();
    this.#turn();
  }

  /** Somebody wants the lane to let go of its connection, and says why. */
  hold(why) {
    this.#holds.add(why);
    this.#turn();
  }

  /** That one no longer wants it. */
  release(why) {
    this.#holds.delete(why);
    this.#turn();
  }

  isHeldBy(why) {
    return this.#holds.has(why);
  }

  get isHeld() {
    return this.#holds.size > 0;
  }

  get intervalMillis() {
    return this.#intervalMillis;
  }

  /** How often a short poll asks; holds from now on. */
  set intervalMillis(millis) {
    this.#intervalMillis = millis;
    this.#hurry?.();
  }

  /** Tries again now, if it was waiting to. */
  retryNow() {
    if (this.state === 'retrying') {
      this.#open();
    }
  }

  #turn() {
    if (this.cursor === undefined) {
      return;
    }
    if (this.isHeld) {
      this.#letGo();
      this.#enter('away');
    } else if (this.state === 'away' || this.state === 'new') {
      this.#since = this.state === 'away' ? this.#clock.now() : this.#since;
      this.#failures = 0;
      this.#open();
    }
  }

  #letGo() {
    clearTimeout(this.#timer);
    const close = this.#close;
    this.#close = null;
    close?.();
  }

  #open() {
    this.#letGo();
    this.#enter('connecting');
    const now = {}; // tells this connection from those before it
    let close = null;
    let over = false;
    const live = () => !over && this.#current === now;
    this.#current = now;
    const link = {
      url: (parameters) => this.#url(parameters),
      interval: (signal) => this.#interval(signal),
      opened: () => live() && this.#opened(),
      deliver: (message, cursor) => live() && this.#heard(message, cursor),
      moved: (cursor) => live() && (this.cursor = cursor),
      missed: (gaps, cursor) => live() && this.#missed(gaps, cursor),
      spent: (requests, bytes) => {
        this.requests += requests;
        this.bytes += bytes;
      },
      ended: (why) => {
        if (live()) {
          over = true;
          this.#close = null;
          this.#ended(why);
        }
      },
    };
    close = this.technique.open(link);
    this.#close = () => {
      over = true;
      close();
    };
  }

  #current = null;

  #url(parameters) {
    const query = new URLSearchParams({ topic: this.#topics, after: this.cursor, ...parameters });
    return `${location.origin}/v1/updates?${query}`;
  }

  /** Resolves when a short poll should ask again. */
  #interval(signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#intervalMillis);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#hurry);
    });
  }

  #opened() {
    this.#failures = 0;
    if (this.state !== 'open') {
      this.#enter('open');
    }
  }

  #ended(why) {
    if (why === null) {
      this.#timer = setTimeout(() => this.#open(), SOON);
      return;
    }
    this.trouble = why;
    const bound = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.#open(), bound / 2 + (Math.random() * bound) / 2);
    this.#enter('retrying');
  }

  #enter(state) {
    if (this.state !== state) {
      this.state = state;
      this.dispatchEvent(new Event('state'));
    }
  }

  #missed(gaps, cursor) {
    this.gaps += 1;
    this.numbers.forget(); // what was lost is told, and not to be counted a second time
    if (cursor !== undefined) {
      this.cursor = cursor;
    }
    this.dispatchEvent(new CustomEvent('gap', { detail: { lane: this, gaps } }));
  }

  #heard(message, cursor) {
    const now = this.#clock.now();
    if (cursor !== undefined) {
      this.cursor = cursor;
    }
    const sent = message.data?.sent > 0 ? message.data.sent / 1000 : Date.parse(message.at);
    const late = sent < this.#since;
    const latency = Math.max(0, now - sent);
    this.messages += 1;
    this.numbers.check(message.data);
    if (late) {
      this.caughtUp += 1;
    } else {
      this.latencies.add(performance.now(), latency);
    }
    this.dispatchEvent(new CustomEvent('heard', { detail: { lane: this, message, latency, late } }));
  }
}
