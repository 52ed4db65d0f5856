import { Configs } from './configs.js';
import { Consumer } from './consumer.js';
import { PosthasteError, unquoted } from './error.js';
import { Inbox } from './inbox.js';
import { Ladder } from './ladder.js';
import { body, isJson, isText, line, received } from './message.js';
import { Reader } from './reader.js';
import { canShare, SharedReader } from './shared-reader.js';
import { Servers } from './servers.js';
import { Subscription } from './subscription.js';
import { TECHNIQUES } from './techniques.js';
import { Wakeups } from './wakeups.js';

export { PosthasteError };

// Milliseconds, unless it says otherwise.
const TIMING = {
  timeout: 30_000, // of a request
  attempts: 5, // of a request, all together
  firstRetry: 500,
  longestRetry: 30_000,
  openTimeout: 8_000, // until a technique must have shown that it works
  silence: 60_000, // beyond which a stream is taken for broken; the server says something every 25 s
  pingTimeout: 5_000,
  steady: 10_000, // what has worked for so long is not counted as failing
  hold: 25_000, // of a long poll
  shortestHold: 1_000,
  probeHold: 1_200,
  interval: 5_000, // between short polls
  betterAfter: 60_000, // until better techniques are tried again, at first
  tick: 5_000,
  longestMessage: 64 * 1024 * 1024, // characters
};
const BUFFER = { messages: 256, characters: 4 * 1024 * 1024 };

/** A client of one Posthaste, or of several nodes that serve the same. */
export class Posthaste {
  #servers;
  #timing;
  #client;
  #buffer;
  #subscriptions = new Set();
  #isClosed = false;
  #shares;

  constructor(url, options = {}) {
    const { timing, techniques = Object.keys(TECHNIQUES), headers = {}, buffer, token } = options;
    for (const name of techniques) {
      if (!Object.hasOwn(TECHNIQUES, name)) {
        throw new TypeError(`techniques: ${name} (expected: some of ${Object.keys(TECHNIQUES).join(', ')})`);
      }
    }
    this.#timing = { ...TIMING, ...timing };
    this.#buffer = { ...BUFFER, ...buffer };
    this.#servers = new Servers(url, headers, this.#timing, options.fetch, token);
    const webSocket = options.WebSocket ?? globalThis.WebSocket;
    const usable = techniques.filter((name) => name !== 'websocket' || webSocket !== undefined);
    if (usable.length === 0) {
      throw new TypeError('techniques: none that works here (expected: a WebSocket in options, or others too)');
    }
    // Tabs may be of several users, who may not read the same.
    this.#shares = (options.share ?? token === undefined) && canShare();
    this.#client = {
      techniques: usable,
      servers: this.#servers,
      timing: this.#timing,
      WebSocket: webSocket,
      ladder: new Ladder(usable, this.#servers.name, memory(options.storage), this.#timing),
      wakeups: new Wakeups(this.#timing.tick),
    };
  }

  /** The technique that is in use, or would be. */
  get technique() {
    return this.#client.ladder.current;
  }

  async publish(topic, data, { type, headers, key = newKey(), match, signal } = {}) {
    if (headers !== undefined) {
      // Requests have no place for a message's headers; a batch's lines have.
      const [answer] = await this.batch([{ topic, data, type, headers, key, match }], { signal });
      if (answer instanceof PosthasteError) {
        throw answer;
      }
      return answer;
    }
    const content = body(data, type);
    return this.#request(
      pathOf(topic),
      {
        method: 'POST',
        body: content.body,
        headers: { 'Content-Type': content.type, 'Idempotency-Key': key, ...condition(match) },
        signal,
      },
      (response) => response.json(),
    );
  }

  async batch(messages, { signal } = {}) {
    const lines = messages.map((message) => line({ key: newKey(), ...message }));
    if (lines.length === 0) {
      return [];
    }
    const init = {
      method: 'POST',
      body: lines.join('\n'),
      headers: { 'Content-Type': 'application/x-ndjson' },
      signal,
    };
    const text = await this.#request('/v1/batch', init, (response) => response.text());
    return text.trimEnd().split('\n').map(JSON.parse).map(outcome);
  }

  async latest(topic, { id, signal } = {}) {
    const query = id === undefined ? '' : `?id=${encodeURIComponent(id)}`;
    const init = { signal, expect: [404] };
    return this.#request(pathOf(topic) + query, init, (response) =>
      response.ok ? payload(topic, response) : undefined,
    );
  }

  async waitForChange(topic, { id, wait = Infinity, signal } = {}) {
    const { hold } = this.#client.ladder;
    for (let until = Date.now() + wait * 1000; ;) {
      const begun = Date.now();
      const millis = Math.min(hold.millis, Math.max(0, until - begun));
      try {
        const changed = await this.#look(topic, id, millis, signal);
        if (changed !== undefined || Date.now() >= until) {
          return changed;
        }
      } catch (error) {
        // As with long polls: what cuts it may let it be held for less time.
        const held = Math.min(Date.now() - begun, millis);
        if (!(error instanceof PosthasteError && error.isTemporary) || held * 0.6 < this.#timing.shortestHold) {
          throw error;
        }
        hold.millis = held * 0.6;
      }
    }
  }

  /** A look at a topic that is held until its latest is another than this one, or the time is over. */
  #look(topic, id, millis, signal) {
    const init = {
      signal,
      timeout: millis + this.#timing.openTimeout,
      headers: id === undefined ? {} : { 'If-None-Match': `"${id}"` },
      expect: [304, 404],
    };
    return this.#request(`${pathOf(topic)}?wait=${(millis / 1000).toFixed(3)}`, init, (response) =>
      news(topic, id, response),
    );
  }

  async delete(topic, { match, signal } = {}) {
    const init = { method: 'DELETE', headers: condition(match), signal };
    return this.#request(pathOf(topic), init, async (response) => response.headers.has('ETag'));
  }

  async *topics({ prefix = '', signal } = {}) {
    for (let after; ;) {
      const query = new URLSearchParams({ prefix, limit: '1000', ...(after !== undefined && { after }) });
      const page = await this.#request(`/v1/topics?${query}`, { signal }, (response) => response.json());
      yield* page.topics;
      if (!page.more) {
        return;
      }
      after = page.next;
    }
  }

  async poll(topics, { signal, wait, ...start } = {}) {
    const query = new URLSearchParams(Object.entries({ ...start, ...(wait !== undefined && { wait }) }));
    for (const topic of listed(topics)) {
      query.append('topic', topic);
    }
    const timeout = this.#timing.timeout + (wait ?? 0) * 1000;
    const page = await this.#request(`/v1/updates?${query}`, { signal, timeout }, (response) => response.json());
    return { more: false, gaps: [], ...page, messages: page.messages.map((message) => received(message)) };
  }

  subscribe(topics, ...rest) {
    const handler = rest.find((each) => typeof each === 'function');
    const options = rest.find((each) => typeof each === 'object') ?? {};
    if (this.#isClosed) {
      throw new PosthasteError('the client is closed');
    }
    const { after, last, consumer, only, presence, onState } = options;
    const start = Object.fromEntries(
      Object.entries({ after, last, consumer, only, presence }).filter(([, value]) => value !== undefined),
    );
    const inbox = new Inbox(this.#buffer);
    let subscription;
    const tell = (state) => {
      if (state.state === 'open') {
        subscription.begun();
      }
      onState?.(state);
    };
    const names = listed(topics);
    const alone = (from) => new Reader(names, from, inbox, this.#client, tell);
    // Whoever shares asks once by a plain request, and URLs are not endless. Who is present is so by a connection of his own.
    const shares = this.#shares && presence === undefined && names.join().length < 4_000;
    const reader = shares ? new SharedReader(names, start, inbox, this.#client, tell, alone) : alone(start);
    subscription = new Subscription(inbox, reader, options, handler);
    this.#subscriptions.add(subscription);
    subscription.closed.catch(() => {}).then(() => this.#subscriptions.delete(subscription));
    return subscription;
  }

  consumer(name) {
    return new Consumer(name, (path, init, read) => this.#request(path, init, read));
  }

  configs(options) {
    return new Configs(this, options);
  }

  async close() {
    this.#isClosed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
  }

  async #request(path, init, read) {
    if (this.#isClosed) {
      throw new PosthasteError('the client is closed');
    }
    return this.#servers.request(path, init, read);
  }
}

function listed(topics) {
  const list = typeof topics === 'string' ? [topics] : [...topics];
  if (list.length === 0 || list.some((topic) => typeof topic !== 'string')) {
    throw new TypeError(`topics: ${topics} (expected: a topic or pattern, or several)`);
  }
  return list;
}

/** A topic's path. URLs cannot hold empty segments, `.` and `..` as such: then the whole is one segment. */
function pathOf(topic) {
  if (typeof topic !== 'string' || topic === '.' || topic === '..') {
    throw new TypeError(`topic: ${topic} (expected: a string that a URL can hold)`);
  }
  const isPlain = topic.split('/').every((segment) => !/^\.{0,2}$/.test(segment));
  return `/v1/topics/${isPlain ? topic.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(topic)}`;
}

function condition(match) {
  if (match === undefined) {
    return {};
  }
  if (match === 'none') {
    return { 'If-None-Match': '*' };
  }
  return { 'If-Match': match === '*' ? '*' : `"${match}"` };
}

async function payload(topic, response) {
  const type = response.headers.get('Content-Type') ?? '';
  const data = isJson(type)
    ? await response.json()
    : isText(type)
      ? await response.text()
      : new Uint8Array(await response.arrayBuffer());
  return { topic, id: unquoted(response.headers.get('ETag')), type: type || undefined, data, deleted: false };
}

/** What a held look at a topic has shown; undefined if that is nothing new. */
async function news(topic, id, response) {
  if (response.ok) {
    return payload(topic, response);
  }
  await response.text();
  const tombstone = response.status === 404 ? unquoted(response.headers.get('ETag')) : undefined;
  return tombstone === undefined || id === undefined || tombstone === id
    ? undefined
    : { topic, id: tombstone, data: undefined, deleted: true };
}

function outcome(answer) {
  if (answer.status === undefined) {
    return answer;
  }
  return new PosthasteError(answer.detail, { status: answer.status, code: answer.code, latest: answer.latest });
}

/** Makes a retry harmless. Not a secret, so it needs no secure context. */
function newKey() {
  const part = () => Math.random().toString(36).slice(2);
  return `${part()}${part()}`;
}

function memory(storage) {
  if (storage !== undefined) {
    return storage ?? undefined;
  }
  try {
    return globalThis.document === undefined ? undefined : globalThis.localStorage;
  } catch {
    return undefined; // forbidden
  }
}
