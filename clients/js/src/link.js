import { received } from './message.js';

/** What one technique has while it runs: where to read from, where to put what comes, and what is known of its health. */
export class Link {
  #reader;
  #turn = new AbortController();
  #ping;
  #rest;

  /** The server that it speaks to. */
  url;
  wasOpened = false;
  isWaiting = false;
  silence; // the failure, if it said nothing for too long
  retryAfter;
  heardAt = Date.now();

  /**
   * @param {object} reader whose it is
   * @param {boolean} probes whether it only tries, and keeps nothing of what comes
   */
  constructor(reader, probes) {
    this.#reader = reader;
    this.probes = probes;
    this.url = reader.servers.url;
    this.begunAt = Date.now();
  }

  get servers() {
    return this.#reader.servers;
  }

  get timing() {
    return this.#reader.timing;
  }

  get hold() {
    return this.#reader.ladder.hold;
  }

  get WebSocket() {
    return this.#reader.WebSocket;
  }

  get signal() {
    return this.#turn.signal;
  }

  get cursor() {
    return this.#reader.cursor;
  }

  query(more = {}) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...this.#reader.place(this.probes), ...this.presence, ...more })) {
      query.set(name, value);
    }
    this.#reader.topics.forEach((topic) => query.append('topic', topic));
    return query;
  }

  start() {
    return { topics: this.#reader.topics, ...this.#reader.place(this.probes) };
  }

  /** The fields of being present, where that is wanted: whoever only tries a technique is not. */
  get presence() {
    return this.probes ? undefined : this.#reader.presence;
  }

  opened() {
    if (!this.wasOpened) {
      this.wasOpened = true;
      this.openedAt = Date.now();
    }
    if (this.probes) {
      this.end();
    }
  }

  heard() {
    this.heardAt = Date.now();
    this.#reader.heard(this);
  }

  message(json, characters, id) {
    if (!this.probes && !this.signal.aborted) {
      const message = received(json, id);
      this.#reader.moved(message.cursor);
      this.#reader.inbox.put({ message, cursor: message.cursor }, characters);
    }
  }

  missed({ gaps }) {
    if (!this.probes && !this.signal.aborted) {
      this.#reader.inbox.put({ gaps }, 100);
    }
  }

  place(cursor) {
    if (!this.probes && !this.signal.aborted) {
      const isNew = cursor !== this.#reader.cursor;
      this.#reader.moved(cursor);
      if (isNew) {
        this.#reader.inbox.put({ cursor }, 0);
      }
    }
  }

  /** When to come back: said at the beginning it is meant for all, later for this one. */
  toldRetry(millis) {
    this.retryAfter = this.wasOpened ? millis : millis * Math.random();
  }

  get isFull() {
    return !this.probes && this.#reader.inbox.isFull;
  }

  async room() {
    if (this.isFull) {
      this.isWaiting = true;
      await this.#reader.inbox.room();
      this.isWaiting = false;
      this.heardAt = Date.now();
    }
  }

  /** Waits between polls. */
  rest(millis) {
    return this.#reader.rest(millis, this.signal);
  }

  onPing(send) {
    this.#ping = send;
  }

  /** Asks the other end for a sign of life, where that can be done. */
  ping() {
    this.#ping?.();
    return this.#ping !== undefined;
  }

  end() {
    this.#turn.abort();
  }
}
