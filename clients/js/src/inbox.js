/**
 * What has arrived and was not yet handled: events in order, bounded. Each is one of
 *
 *     {message, cursor}    {gaps, cursor}    {cursor}
 *
 * A connection goes on giving only while there is room, so that whoever is slow is behind, and not buffered.
 */
export class Inbox {
  #events = [];
  #sizes = [];
  #size = 0;
  #isFull = false;
  #isEnded = false;
  #failure;
  #wakeTaker;
  #wakeGivers = [];
  #limits;

  /** @param {{messages: number, characters: number}} limits beyond which there is no room, until half of it is gone */
  constructor(limits) {
    this.#limits = limits;
  }

  /**
   * Puts an event at the end.
   *
   * @param {number} size how large it is, in characters, about
   */
  put(event, size) {
    if (this.#isEnded) {
      return;
    }
    this.#events.push(event);
    this.#sizes.push(size);
    this.#size += size;
    this.#isFull ||= this.#events.length >= this.#limits.messages || this.#size >= this.#limits.characters;
    this.#wakeTaker?.();
  }

  get isFull() {
    return this.#isFull;
  }

  /** Waits until there is room, or it has ended. */
  room() {
    return this.#isFull && !this.#isEnded
      ? new Promise((resolve) => this.#wakeGivers.push(resolve))
      : Promise.resolve();
  }

  /** The next event; undefined at the end. Rejects with what made it fail, once all before that is taken. */
  async take() {
    while (this.#events.length === 0) {
      if (this.#failure !== undefined) {
        throw this.#failure;
      }
      if (this.#isEnded) {
        return undefined;
      }
      await new Promise((resolve) => (this.#wakeTaker = resolve));
    }
    const event = this.#events.shift();
    this.#size -= this.#sizes.shift();
    if (this.#events.length * 2 <= this.#limits.messages && this.#size * 2 <= this.#limits.characters) {
      this.#isFull = false;
      this.#letGiversGo();
    }
    return event;
  }

  /** Ends it: what was not taken is dropped. */
  end() {
    this.#events = [];
    this.#sizes = [];
    this.#size = 0;
    this.#finish();
  }

  /** Ends it with a failure, after what is in it. */
  fail(error) {
    if (!this.#isEnded) {
      this.#failure = error;
      this.#finish();
    }
  }

  #finish() {
    this.#isEnded = true;
    this.#letGiversGo();
    this.#wakeTaker?.();
  }

  #letGiversGo() {
    this.#wakeGivers.splice(0).forEach((wake) => wake());
  }
}
