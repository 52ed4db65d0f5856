// The news, by server-sent events: the newest few, then each as it comes.

import { Posthaste } from '/client/posthaste.js';

const TOPIC = 'demo/news';
const SHOWN = 8;
const LONGEST = 200;

export class Ticker {
  #clock;
  #meter;
  #list;
  #mine = new Set();
  #client;
  #voice = new Posthaste(undefined, { storage: null });
  #since;

  constructor(list, clock, meter) {
    this.#list = list;
    this.#clock = clock;
    this.#meter = meter;
    this.#client = new Posthaste(undefined, { techniques: ['sse'], fetch: meter.fetch, storage: null, share: false, timing: { longestRetry: 5000 } });
  }

  /** @param follow is told how the connection is */
  start(follow) {
    this.#since = this.#clock.now();
    this.#meter.isRunning = true;
    this.#client.subscribe(TOPIC, {
      last: SHOWN,
      onState: follow,
      onMissed: () => this.#add('Missed: some news is no longer kept.', '', 'gap'),
    }, ({ id, at, data }) => {
      const sent = data?.sent / 1000 || Date.parse(at);
      this.#meter.heard(sent < this.#since ? NaN : Math.max(0, this.#clock.now() - sent));
      const text = String(data?.text ?? (typeof data === 'string' ? data : JSON.stringify(data)));
      this.#add(text.slice(0, LONGEST), time.format(Date.parse(at)), this.#mine.has(id) || this.#mine.has(text) ? 'mine' : '');
    });
  }

  /** Publishes news of one's own. */
  async publish(text) {
    this.#mine.add(text);
    const { id } = await this.#voice.publish(TOPIC, { from: 'you', text, sent: Math.round(this.#clock.now() * 1000) });
    this.#mine.add(id);
  }

  #add(text, when, kind) {
    const row = document.createElement('li');
    const what = document.createElement('span');
    const at = document.createElement('time');
    what.textContent = text;
    at.textContent = when;
    row.className = kind;
    row.append(what, at);
    this.#list.prepend(row);
    while (this.#list.children.length > SHOWN) {
      this.#list.lastElementChild.remove();
    }
  }
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
