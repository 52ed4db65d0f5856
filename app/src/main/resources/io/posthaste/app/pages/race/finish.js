// The finish line: one message at a time, and when each lane had it.
//
// What this page published is shown at once and for a while; else the newest message, one a second.

import { latencyText, log10Place, TICKS } from '../common/scale.js';
import { textOf } from './words.js';

const SHOWN_MILLIS = 1900;
const OWN_SHOWN_MILLIS = 7000;
const MOST_REMEMBERED = 4000;

export class Finish {
  #lanes;
  #subject;
  #places;
  #runners = new Map();
  #current = null; // {id, until, took: Map of lane key to latency}
  #heard = new Set(); // the ids of late, by any lane

  constructor(lanes, { subject, track, places }) {
    this.#lanes = lanes;
    this.#subject = subject;
    this.#places = places;
    this.#lay(track);
  }

  #lay(track) {
    for (const lane of this.#lanes) {
      const rail = document.createElement('div');
      const runner = document.createElement('div');
      rail.className = 'rail';
      rail.dataset.lane = lane.key;
      runner.className = 'runner';
      rail.append(runner);
      track.append(rail);
      this.#runners.set(lane.key, runner);
    }
    for (const [millis, text] of TICKS) {
      const tick = document.createElement('div');
      const label = document.createElement('span');
      tick.className = 'tick';
      tick.style.left = `${log10Place(millis) * 100}%`;
      label.textContent = text;
      tick.append(label);
      track.append(tick);
    }
  }

  /** A lane has heard a message. */
  heard({ lane, message, latency, late }, own) {
    if (late) {
      return;
    }
    const now = performance.now();
    const isFirst = this.#isFirst(message.id);
    const current = this.#current;
    if (current?.id === message.id) {
      current.took.set(lane.key, latency);
    } else if (isFirst && (own || !current || now > current.until)) {
      this.#begin(message, own, now);
      this.#current.took.set(lane.key, latency);
    } else {
      return;
    }
    this.#show();
  }

  /** Whether no lane had it before. A race in which some have arrived already is none. */
  #isFirst(id) {
    if (this.#heard.has(id)) {
      return false;
    }
    this.#heard.add(id);
    if (this.#heard.size > MOST_REMEMBERED) {
      this.#heard.delete(this.#heard.values().next().value);
    }
    return true;
  }

  #begin(message, own, now) {
    this.#current = { id: message.id, until: now + (own ? OWN_SHOWN_MILLIS : SHOWN_MILLIS), took: new Map() };
    for (const runner of this.#runners.values()) {
      runner.classList.remove('in');
    }
    const text = document.createElement('b');
    text.textContent = textOf(message);
    this.#subject.replaceChildren(own ? 'your message ' : `newest of ${message.topic} `, text);
  }

  #show() {
    const { took } = this.#current;
    const order = [...this.#lanes].sort((a, b) => (took.get(a.key) ?? Infinity) - (took.get(b.key) ?? Infinity));
    this.#places.replaceChildren(
      ...order.map((lane) => {
        const item = document.createElement('li');
        const latency = took.get(lane.key);
        const value = document.createElement(latency === undefined ? 'span' : 'b');
        item.dataset.lane = lane.key;
        item.classList.toggle('due', latency === undefined);
        value.textContent = latency === undefined ? (lane.isHeld ? 'paused' : 'still waiting') : latencyText(latency);
        item.append(lane.technique.name, ' ', value);
        return item;
      }),
    );
    for (const [key, latency] of took) {
      const runner = this.#runners.get(key);
      runner.style.width = `${log10Place(latency) * 100}%`;
      runner.classList.add('in');
    }
  }
}
