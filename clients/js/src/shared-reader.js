import { backoff, pause } from './deadline.js';
import { isOurs, PosthasteError } from './error.js';
import { received } from './message.js';
import { Pump } from './pump.js';

const ANSWER_MILLIS = 3_000; // within which whoever leads says that it is there
const MOST_REMEMBERED = 5_000; // ids of messages, to know them when they come again
const ACK_EVERY = 128;

/** Whether tabs of this browser can share a connection: it takes locks (a secure context) and channels. */
export function canShare() {
  return globalThis.document !== undefined && globalThis.navigator?.locks && globalThis.BroadcastChannel !== undefined;
}

/**
 * A place in the log that is followed over a connection which all tabs of a browser that read the same have in common.
 * The one that holds the lock has the connection and passes on what comes; if its tab goes, another gets the lock. On
 * the control channel:
 *
 *     {hello: member}                     is anybody there?
 *     {here: feed, to: member}            yes; the name of the channel with the messages, or null: not just now
 *     {here: feed}                        the messages are there from now on
 *
 * Each member has a cursor of its own, and joins in the order that leaves no gap: go to the feed, be told that it has
 * begun, read what is lacking, go live, drop by its id what was seen. It does so whenever the feed is another one.
 */
export class SharedReader {
  #name;
  #topics;
  #place;
  #only;
  #inbox;
  #client;
  #tell;
  #id = Math.random().toString(36).slice(2);
  #closed = new AbortController();
  #control;
  #feed; // its name, as last heard; null: none just now; undefined: nothing heard
  #feedChanged = new AbortController();
  #seen = new Set();
  #cursor;
  #alone;
  #ownReader;
  #refused;
  #state = 'connecting';

  /** As a Reader's; `alone` makes one, for when nobody answers. */
  constructor(topics, { only, ...start }, inbox, client, tell, alone) {
    this.#topics = topics;
    this.#only = only;
    this.#place = start;
    this.#inbox = inbox;
    this.#client = client;
    this.#tell = tell;
    this.#alone = alone;
    this.#name = `posthaste ${JSON.stringify([client.servers.name, client.servers.headers, client.techniques, only, topics])}`;
  }

  async run() {
    this.#control = new BroadcastChannel(this.#name);
    this.#control.onmessage = ({ data: { here, to } }) => {
      if (here !== undefined && (to === undefined || to === this.#id)) {
        this.#heard(here);
      }
    };
    const led = this.#waitToLead();
    try {
      for (let failures = 0; !this.#closed.signal.aborted;) {
        try {
          await this.#inbox.room();
          await this.#follow();
          failures = 0;
        } catch (error) {
          if (this.#closed.signal.aborted) {
            break;
          }
          if (!(error instanceof PosthasteError && error.isTemporary)) {
            throw error;
          }
          const retryIn = backoff(failures++, this.#client.timing);
          this.#to('waiting', { error, retryIn });
          await pause(retryIn, this.#closed.signal);
        }
        if (this.#refused !== undefined) {
          throw this.#refused;
        }
      }
    } finally {
      this.#closed.abort();
      this.#control.close();
      await led;
      this.#to('closed');
    }
  }

  close() {
    this.#closed.abort();
    this.#ownReader?.close();
    this.#inbox.end();
  }

  #to(state, more) {
    if (state !== this.#state) {
      this.#state = state;
      this.#tell({ state, technique: this.#client.ladder.current, url: this.#client.servers.url, ...more });
    }
  }

  async #waitToLead() {
    try {
      await navigator.locks.request(this.#name, { signal: this.#closed.signal }, () =>
        new Pump(this.#name, this.#topics, this.#only, this.#client, this.#closed.signal).run(),
      );
    } catch (error) {
      if (!this.#closed.signal.aborted) {
        this.#refused = error;
        this.#feedChanged.abort();
      }
    }
  }

  #heard(feed) {
    if (feed !== this.#feed) {
      this.#feed = feed;
      this.#feedChanged.abort();
      this.#feedChanged = new AbortController();
    }
  }

  /** Joins the feed there is, and stays with it until it ends or this member cannot keep up. */
  async #follow() {
    if (typeof this.#feed !== 'string') {
      const changed = this.#feedChanged.signal;
      if (this.#feed === null && this.#state === 'open') {
        this.#to('waiting');
      }
      this.#control.postMessage({ hello: this.#id });
      await pause(this.#feed === null ? ANSWER_MILLIS * 10 : ANSWER_MILLIS, changed, this.#closed.signal);
      if (this.#feed === undefined && !changed.aborted && !this.#closed.signal.aborted) {
        await this.#goAlone();
      } else if (!changed.aborted) {
        this.#feed = undefined; // is it still there?
      }
      return;
    }
    const changed = this.#feedChanged.signal;
    const feed = new BroadcastChannel(this.#feed);
    const events = [];
    let wake = () => {};
    let joined;
    feed.onmessage = ({ data }) => {
      if (data.joined === this.#id) {
        joined = data;
      } else if (joined !== undefined && data.event !== undefined) {
        events.push(data);
      }
      wake();
    };
    const something = () => new Promise((resolve) => (wake = resolve));
    const stop = () => wake();
    changed.addEventListener('abort', stop);
    this.#closed.signal.addEventListener('abort', stop);
    try {
      feed.postMessage({ join: this.#id });
      const limit = pause(ANSWER_MILLIS, changed, this.#closed.signal);
      while (joined === undefined && (await Promise.race([something().then(() => true), limit.then(() => false)])));
      if (joined === undefined || changed.aborted || this.#closed.signal.aborted) {
        this.#feed = changed.aborted ? this.#feed : undefined;
        return;
      }
      if (!(await this.#catchUp(joined.cursor))) {
        return;
      }
      await this.#live(feed, events, something, () => changed.aborted || this.#closed.signal.aborted);
    } finally {
      feed.postMessage({ leave: this.#id });
      feed.close();
      changed.removeEventListener('abort', stop);
      this.#closed.signal.removeEventListener('abort', stop);
    }
  }

  /** Reads what lies between this member's place and now. False if it did not get there. */
  async #catchUp(cursor) {
    if (Object.keys(this.#place).length === 0) {
      this.#moved(cursor);
      this.#inbox.put({ cursor }, 0);
      return true;
    }
    const { servers, timing } = this.#client;
    for (let read = 0; read < MOST_REMEMBERED && !this.#inbox.isFull;) {
      const query = new URLSearchParams({ ...this.#place, ...(this.#only && { only: this.#only }), limit: '1000' });
      this.#topics.forEach((topic) => query.append('topic', topic));
      const { url } = servers;
      const init = { signal: this.#closed.signal, timeout: timing.timeout };
      let page;
      try {
        page = await servers.once(`${url}/v1/updates?${query}`, init, (response) => response.json());
      } catch (error) {
        if (error instanceof PosthasteError && error.isTemporary) {
          servers.failed(url);
        } else if (error instanceof PosthasteError && !isOurs(error)) {
          throw new PosthasteError(error.message, { cause: error });
        }
        throw error;
      }
      if (page.missed) {
        this.#inbox.put({ gaps: page.gaps }, 100);
      }
      for (const each of page.messages) {
        this.#give(received(each));
      }
      this.#moved(page.next);
      this.#inbox.put({ cursor: page.next }, 0);
      read += page.messages.length;
      if (!page.more) {
        return true;
      }
    }
    return false;
  }

  async #live(feed, events, something, isOver) {
    let taken = 0;
    let expected;
    for (;;) {
      for (const { n, event } of events.splice(0)) {
        if (isOver() || (expected !== undefined && n !== expected)) {
          return;
        }
        expected = n + 1;
        if (event.message !== undefined) {
          this.#give(event.message, event.cursor);
        } else if (event.gaps !== undefined) {
          return; // each looks for itself what it has missed
        } else {
          this.#moved(event.cursor);
          this.#inbox.put(event, 0);
        }
        if (++taken % ACK_EVERY === 0) {
          feed.postMessage({ ack: this.#id, n });
        }
        if (this.#inbox.isFull) {
          return;
        }
      }
      if (isOver()) {
        return;
      }
      await something();
    }
  }

  /** Gives a message, unless it was given already. */
  #give(message, cursor) {
    if (this.#seen.has(message.id)) {
      return;
    }
    this.#seen.add(message.id);
    if (this.#seen.size > MOST_REMEMBERED * 2) {
      this.#seen.delete(this.#seen.values().next().value);
    }
    if (cursor !== undefined) {
      this.#moved(cursor);
    }
    this.#inbox.put({ message, cursor: cursor ?? this.#cursor }, JSON.stringify(message.data ?? '').length);
  }

  #moved(cursor) {
    this.#cursor = cursor;
    this.#place = { after: cursor };
    this.#to('open');
  }

  /** Nobody answers, as when the tab that leads is frozen: then this one has a connection of its own. */
  async #goAlone() {
    this.#ownReader = this.#alone({ ...this.#place, ...(this.#only && { only: this.#only }) });
    await this.#ownReader.run();
  }
}
