import { Reader } from './reader.js';

const MOST_BEHIND = 512; // events that a member may have not taken yet
const PATIENCE_MILLIS = 2_000; // with a member that takes none

/**
 * Reads for all members, in the tab that leads, and passes on what comes on a channel, the feed:
 *
 *     {join: member}      {joined: member, cursor}      {n, event}      {ack: member, n}      {leave: member}
 *
 * Where a connection broke the reading begins anew from now, with another feed, and each member reads by itself what it
 * lacks meanwhile. So it does if a member takes nothing: a channel has no limit of its own, and a frozen tab would have
 * all that comes kept for it.
 */
export class Pump {
  #name;
  #reader;
  #signal;
  #control;
  #feed;
  #feedName = null;
  #n = 0;
  #cursor;
  #members = new Map();
  #wake = () => {};

  constructor(name, topics, only, client, signal) {
    this.#name = name;
    this.#signal = signal;
    const tell = ({ state }) => this.#turned(state);
    this.#reader = new Reader(topics, only === undefined ? {} : { only }, this, client, tell, true);
  }

  /** Leads until the signal says that it is over. Rejects with what the server refused. */
  async run() {
    if (this.#signal.aborted) {
      return;
    }
    this.#control = new BroadcastChannel(this.#name);
    this.#control.onmessage = ({ data: { hello } }) => {
      if (hello !== undefined) {
        this.#control.postMessage({ here: this.#feedName, to: hello });
      }
    };
    const close = () => this.#reader.close();
    this.#signal.addEventListener('abort', close);
    this.#say(null);
    try {
      await this.#reader.run();
    } finally {
      this.#signal.removeEventListener('abort', close);
      this.#say(undefined);
      this.#feed?.close();
      this.#control.close();
    }
  }

  #say(feed) {
    this.#feedName = feed;
    this.#control.postMessage({ here: feed ?? null });
  }

  #turned(state) {
    if (state === 'waiting') {
      this.#endFeed();
    }
  }

  #endFeed() {
    if (this.#feed !== undefined) {
      this.#feed.close();
      this.#feed = undefined;
      this.#members.clear();
      this.#say(null);
      this.#wake();
    }
  }

  #beginFeed() {
    const name = `${this.#name} ${Math.random().toString(36).slice(2)}`;
    this.#n = 0;
    this.#feed = new BroadcastChannel(name);
    this.#feed.onmessage = ({ data: { join, ack, n, leave } }) => {
      if (join !== undefined) {
        this.#members.set(join, this.#n);
        this.#feed.postMessage({ joined: join, cursor: this.#cursor });
      } else if (leave !== undefined) {
        this.#members.delete(leave);
        this.#wake();
      } else if (this.#members.has(ack)) {
        this.#members.set(ack, n);
        this.#wake();
      }
    };
    this.#say(name);
  }

  // --- what a Reader takes for its inbox ---

  put(event) {
    this.#cursor = event.cursor ?? this.#cursor;
    if (this.#feed === undefined) {
      this.#beginFeed();
    } else {
      this.#feed.postMessage({ n: this.#n++, event });
    }
  }

  get isFull() {
    return [...this.#members.values()].some((taken) => this.#n - taken > MOST_BEHIND);
  }

  async room() {
    const late = setTimeout(() => {
      this.#endFeed();
      this.#beginFeed();
    }, PATIENCE_MILLIS);
    while (this.isFull && !this.#signal.aborted) {
      await new Promise((resolve) => (this.#wake = resolve));
    }
    clearTimeout(late);
  }

  end() {
    this.#wake();
  }
}
