/**
 * Which technique to use: the best that is not known to be blocked. Somebody who waits tries the better ones now and
 * then; what works is remembered, in browsers from page to page.
 */
export class Ladder {
  #names;
  #at = 0;
  #timing;
  #memory;
  #key;
  #delay;
  #timer;
  #users = new Set();
  #isProbing = false;

  /** How long a long poll may be held here. */
  hold;

  /**
   * @param {string[]} names the techniques that may be used, best first
   * @param {string} servers whom it is about
   * @param {Storage | undefined} memory
   */
  constructor(names, servers, memory, timing) {
    this.#names = names;
    this.#timing = timing;
    this.#memory = memory;
    this.#key = `posthaste ${servers}`;
    this.#delay = timing.betterAfter;
    this.hold = { millis: timing.hold };
    this.#recall();
  }

  get current() {
    return this.#names[this.#at];
  }

  get isAtBottom() {
    return this.#at === this.#names.length - 1;
  }

  /** A technique is blocked here: turns to the next. */
  blocked(name, hasWorked) {
    if (name !== this.current || this.isAtBottom) {
      return;
    }
    this.#settle(this.#at + 1);
    // What has worked before is probably back soon.
    this.#delay = hasWorked ? this.#timing.betterAfter / 10 : this.#timing.betterAfter;
    this.#schedule();
  }

  /**
   * Somebody waits, from now on.
   *
   * @param {{probe: (name: string) => Promise<boolean>, turn: () => void}} user tries techniques, and turns to another
   */
  join(user) {
    this.#users.add(user);
    this.#schedule();
  }

  leave(user) {
    this.#users.delete(user);
    if (this.#users.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Tries what is better, now: the network may be another. */
  async tryBetter() {
    const [user] = this.#users;
    if (this.#isProbing || this.#at === 0 || user === undefined) {
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isProbing = true;
    try {
      for (let at = 0; at < this.#at; at++) {
        if (await user.probe(this.#names[at])) {
          this.hold.millis = this.#timing.hold;
          this.#delay = this.#timing.betterAfter;
          this.#settle(at);
          this.#users.forEach((each) => each.turn());
        }
      }
    } finally {
      this.#isProbing = false;
      this.#schedule();
    }
  }

  #schedule() {
    if (this.#at === 0 || this.#users.size === 0 || this.#timer !== undefined || this.#isProbing) {
      return;
    }
    const delay = this.#delay * (0.8 + 0.4 * Math.random());
    this.#delay = Math.min(this.#delay * 2, this.#timing.betterAfter * 10);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.tryBetter();
    }, delay);
  }

  #settle(at) {
    this.#at = at;
    try {
      if (at === 0) {
        this.#memory?.removeItem(this.#key);
      } else {
        const until = Date.now() + this.#timing.betterAfter * 10;
        this.#memory?.setItem(this.#key, JSON.stringify({ technique: this.current, until }));
      }
    } catch {
      // Storage may be full or forbidden: the next page tries for itself.
    }
  }

  #recall() {
    try {
      const told = JSON.parse(this.#memory?.getItem(this.#key) ?? 'null');
      if (told !== null && told.until > Date.now()) {
        this.#at = Math.max(0, this.#names.indexOf(told.technique));
      }
    } catch {
      // Not ours, or forbidden.
    }
  }
}
