import { PosthasteError } from './error.js';

/**
 * What a subscriber holds: messages in order, one at a time; the next is given when the one before has been handled.
 * Either a handler is called with them, or they are iterated over.
 */
export class Subscription {
  #inbox;
  #source;
  #onMissed;
  #handling;
  #isClosed = false;
  #isTaken = false;
  #becomeReady;
  #refuseReady;
  #finished;

  /** The cursor after the last message that was handled: where to go on from, some other time. */
  cursor;

  /** Resolves when it has begun: what is published from then on will come. */
  ready;

  /** Resolves when it has ended and its connection is closed; rejects with what made it fail. */
  closed;

  constructor(inbox, source, { onMissed = warn, onError = complain, signal } = {}, handler) {
    this.#inbox = inbox;
    this.#source = source;
    this.#onMissed = onMissed;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#refuseReady = reject;
    });
    this.#finished = source.run().then(
      () => inbox.end(),
      (error) => {
        inbox.fail(error);
        this.#refuseReady(error);
        throw error;
      },
    );
    this.closed = handler === undefined ? this.#finished : this.#handle(handler, onError);
    for (const promise of [this.ready, this.closed, this.#finished]) {
      promise.catch(() => {}); // whoever minds has it from there
    }
    if (signal !== undefined) {
      const close = () => this.close();
      signal.addEventListener('abort', close);
      this.#finished.finally(() => signal.removeEventListener('abort', close)).catch(() => {});
      if (signal.aborted) {
        close();
      }
    }
  }

  /** Called by its source. */
  begun() {
    this.#becomeReady();
  }

  /**
   * Ends it: no other message is given. Resolves when its connection is closed; not only when the message that is being
   * handled has been, for it may be its handler that waits for this.
   */
  close() {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#source.close();
      this.#refuseReady(new PosthasteError('the subscription was closed before it began'));
    }
    return this.#finished.catch(() => {});
  }

  async #handle(handler, onError) {
    this.#isTaken = true;
    try {
      for (let message = await this.#next(); message !== undefined; message = await this.#next()) {
        try {
          await handler(message, this);
        } catch (error) {
          onError(error, message);
        }
      }
    } catch (error) {
      onError(error);
      throw error;
    }
    await this.#finished;
  }

  async #next() {
    for (;;) {
      if (this.#handling !== undefined) {
        this.cursor = this.#handling;
        this.#handling = undefined;
      }
      const event = this.#isClosed ? undefined : await this.#inbox.take();
      if (event === undefined || this.#isClosed) {
        return undefined;
      }
      this.#handling = event.cursor;
      if (event.gaps !== undefined) {
        this.#onMissed(event.gaps, this);
      } else if (event.message !== undefined) {
        return event.message;
      }
    }
  }

  /** Gives the messages, until it is closed or the loop is left, which closes it. */
  [Symbol.asyncIterator]() {
    if (this.#isTaken) {
      throw new TypeError('this subscription is read already (expected: one handler or one loop)');
    }
    this.#isTaken = true;
    return {
      next: async () => {
        const value = await this.#next();
        return { value, done: value === undefined };
      },
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
    };
  }
}

/** Missed messages are never passed over in silence. */
function warn(gaps) {
  console.warn(`posthaste: missed messages of ${gaps.map(({ topic }) => topic).join(', ')}: they are no longer kept`);
}

/** As with an event listener: it is nobody's, so it goes where uncaught errors go. */
function complain(error) {
  queueMicrotask(() => {
    throw error;
  });
}
