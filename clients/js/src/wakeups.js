/** Tells when waiting any longer makes no sense: the machine has slept, the network is back, the page is shown again. */
export class Wakeups {
  #listeners = new Set();
  #tick;
  #seen = 0;
  #stopListening = () => {};
  #every;

  /** @param {number} every milliseconds between two looks at the clock */
  constructor(every) {
    this.#every = every;
  }

  /**
   * @param {(why: 'slept' | 'online' | 'shown') => void} listener
   * @returns {() => void} ends it
   */
  add(listener) {
    if (this.#listeners.size === 0) {
      this.#start();
    }
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) {
        this.#stop();
      }
    };
  }

  #start() {
    this.#seen = Date.now();
    this.#tick = setInterval(() => {
      const now = Date.now();
      // Hidden pages are let run once a minute.
      const slept = now - this.#seen > Math.max(3 * this.#every, 90_000);
      this.#seen = now;
      if (slept) {
        this.#tell('slept');
      }
    }, this.#every);
    this.#tick.unref?.();
    const online = () => this.#tell('online');
    const shown = () => document.visibilityState === 'visible' && this.#tell('shown');
    const restored = ({ persisted }) => persisted && this.#tell('slept');
    globalThis.addEventListener?.('online', online);
    globalThis.addEventListener?.('pageshow', restored);
    globalThis.document?.addEventListener('visibilitychange', shown);
    this.#stopListening = () => {
      globalThis.removeEventListener?.('online', online);
      globalThis.removeEventListener?.('pageshow', restored);
      globalThis.document?.removeEventListener('visibilitychange', shown);
    };
  }

  #stop() {
    clearInterval(this.#tick);
    this.#stopListening();
  }

  #tell(why) {
    [...this.#listeners].forEach((listener) => listener(why));
  }
}
