// What is seen of a lane. Drawn once a frame at most, however many messages land.

import { bytesText, countText, latencyText } from '../common/scale.js';
import { Plot } from './plot.js';
import { textOf } from './words.js';

const ROWS = 30;
const FIGURES_MILLIS = 200;

const STATES = {
  new: 'not begun',
  connecting: 'connecting',
  retrying: 'no connection',
};

export class LaneView {
  #lane;
  #clock;
  #mine;
  #root;
  #part;
  #plot;
  #fresh = [];
  #figuresAt = 0;

  /** @param mine tells whether this page published a message */
  constructor(lane, template, clock, mine) {
    this.#lane = lane;
    this.#clock = clock;
    this.#mine = mine;
    this.#root = template.content.firstElementChild.cloneNode(true);
    this.#part = (selector) => this.#root.querySelector(selector);
    this.#root.dataset.lane = lane.key;
    const { name, how, cost, pick } = lane.technique;
    this.#part('.name').textContent = name;
    this.#part('.how').textContent = how;
    this.#part('.cost').textContent = `${cost} ${pick}`;
    this.#root.setAttribute('aria-label', name);
    this.#plot = new Plot(this.#part('.plot'));
    const pause = this.#part('.pause');
    pause.setAttribute('aria-label', `Pause ${name}`);
    pause.addEventListener('click', () => {
      if (lane.isHeldBy('pause')) {
        lane.release('pause');
      } else {
        lane.hold('pause');
      }
    });
    lane.addEventListener('state', () => this.#showState());
    lane.addEventListener('heard', (event) => this.#keep(event.detail));
    lane.addEventListener('gap', (event) => this.#keep(event.detail));
    this.#showState();
  }

  get element() {
    return this.#root;
  }

  recolour() {
    this.#plot.recolour();
  }

  #keep(detail) {
    this.#fresh.push(detail);
    if (this.#fresh.length > ROWS) {
      this.#fresh.shift();
    }
  }

  /** What the lane is doing changes with the choice of interval too. */
  refresh() {
    this.#showState();
  }

  #showState() {
    const lane = this.#lane;
    const paused = lane.isHeldBy('pause');
    this.#root.dataset.state = lane.state;
    const pause = this.#part('.pause');
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Resume' : 'Pause';
    this.#part('.state').textContent = this.#stateText(paused);
  }

  #stateText(paused) {
    const lane = this.#lane;
    if (lane.state === 'away') {
      return paused ? 'paused, holds no connection' : 'tab hidden, holds no connection';
    }
    if (lane.state === 'open') {
      return lane.key === 'short-poll' ? `asks every ${lane.intervalMillis < 1000 ? `${lane.intervalMillis} ms` : `${lane.intervalMillis / 1000} s`}` : 'holds one connection';
    }
    if (lane.state === 'retrying') {
      return `${lane.trouble}; trying again`;
    }
    return STATES[lane.state];
  }

  /**
   * @param now as requestAnimationFrame tells it
   * @param still draws nothing that moves by itself
   * @param calm lets rows land without a move, as when many do
   */
  draw(now, still, calm) {
    this.#showRows(calm);
    this.#plot.draw(this.#lane.latencies, now, still);
    if (now - this.#figuresAt > FIGURES_MILLIS) {
      this.#figuresAt = now;
      this.#showFigures();
    }
  }

  #showFigures() {
    const lane = this.#lane;
    const { last, median, p99 } = lane.latencies;
    const figures = {
      last: latencyText(last),
      median: latencyText(median),
      p99: latencyText(p99),
      messages: countText(lane.messages),
      requests: countText(lane.requests),
      bytes: bytesText(lane.bytes),
    };
    for (const [name, text] of Object.entries(figures)) {
      const element = this.#part(`[data-figure="${name}"]`);
      if (element.textContent !== text) {
        element.textContent = text;
      }
    }
    const check = this.#part('.check');
    const { faulty } = lane.numbers;
    check.classList.toggle('bad', faulty);
    const text = this.#checkText();
    if (check.textContent !== text) {
      check.textContent = text;
      this.#part('.plot').setAttribute('aria-label', `Latency of the last minute, ${lane.technique.name}`);
    }
  }

  #checkText() {
    const lane = this.#lane;
    if (lane.messages === 0) {
      return '';
    }
    const words = [lane.numbers.text];
    if (lane.caughtUp > 0) {
      words.push(`${countText(lane.caughtUp)} caught up`);
    }
    if (lane.gaps > 0) {
      words.push(`${lane.gaps} ${lane.gaps === 1 ? 'gap' : 'gaps'} told`);
    }
    words.push(`${bytesText(Math.round(lane.bytes / lane.messages))} each`);
    return words.join(' · ');
  }

  #showRows(calm) {
    if (this.#fresh.length === 0) {
      return;
    }
    const list = this.#part('.messages');
    const rows = this.#fresh.map((detail) => (detail.message ? this.#row(detail) : gapRow(detail.gaps)));
    this.#fresh = [];
    rows.forEach((row) => row.classList.toggle('fresh', !calm));
    // Whoever has scrolled down to read keeps the place.
    const height = list.scrollHeight;
    list.prepend(...rows.reverse());
    if (list.scrollTop > 0) {
      list.scrollTop += list.scrollHeight - height;
    }
    while (list.children.length > ROWS) {
      list.lastElementChild.remove();
    }
  }

  #row({ message, latency, late }) {
    const row = document.createElement('li');
    const text = document.createElement('span');
    const took = document.createElement('span');
    row.dataset.id = message.id;
    row.classList.toggle('yours', this.#mine(message));
    text.className = 'text';
    text.textContent = textOf(message);
    text.title = `${message.topic} · ${message.at}`;
    took.className = 'took';
    took.textContent = late ? 'caught up' : latencyText(latency);
    row.append(text, took);
    return row;
  }
}

function gapRow(gaps) {
  const row = document.createElement('li');
  row.className = 'gap';
  const topics = (gaps ?? []).map((gap) => gap.topic).join(', ');
  row.textContent = `Missed: older messages${topics ? ` of ${topics}` : ''} are no longer kept. Going on with the oldest that is.`;
  return row;
}
