// What this page publishes: one message at a time, so that they land in the order they were typed.

import { bytesOf } from '../common/bytes.js';

const TOPIC = 'demo/you';
const PATIENCE_MILLIS = 10_000;

export class Publisher {
  #clock;
  #run = crypto.getRandomValues(new Uint32Array(2)).join('-');
  #number = 0;
  #before = Promise.resolve();

  constructor(clock) {
    this.#clock = clock;
  }

  /** Whether a message is of this page. */
  isMine(message) {
    return message.data?.run === this.#run;
  }

  /** Publishes; the promise fails with what went wrong. */
  say(text) {
    const turn = this.#before.then(() => this.#publish(text));
    this.#before = turn.catch(() => undefined);
    return turn;
  }

  async #publish(text) {
    const body = JSON.stringify({ from: 'you', run: this.#run, n: this.#number + 1, text, sent: Math.round(this.#clock.now() * 1000) });
    if (bytesOf(body) > 8192) {
      throw new Error('that is longer than the demo takes');
    }
    const response = await fetch(`/v1/topics/${TOPIC}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      signal: AbortSignal.timeout(PATIENCE_MILLIS),
    });
    if (!response.ok) {
      throw new Error(`the server answered ${response.status}`);
    }
    this.#number += 1;
  }
}
