// What this page has bought: each order is waited for by long poll, until it is paid or declined.

import { Posthaste } from '/client/posthaste.js';
import { post } from '../common/post.js';

const RANK = { pending: 0, paid: 1, declined: 1 };

export class Orders {
  #clock;
  #meter;
  #client;
  #waiting = 0;
  #follow;

  /** @param follow is told how the connection is */
  constructor(clock, meter, follow) {
    this.#clock = clock;
    this.#meter = meter;
    this.#follow = follow;
    this.#client = new Posthaste(undefined, { techniques: ['longPoll'], fetch: meter.fetch, storage: null, share: false, timing: { longestRetry: 5000 } });
  }

  /**
   * Orders, and waits for what becomes of it.
   *
   * @param {(state: string, why: string, late?: number) => void} moved is told each step: pending, then paid or declined; `lost`
   *     if the server forgot it
   */
  async pay(item, moved) {
    const { topic, id } = await post('/demo/shop/orders', { item });
    this.#count(1);
    let at = 'pending';
    moved(at, '');
    const subscription = this.#client.subscribe(topic, {
      after: id,
      onState: this.#follow,
      onMissed: () => {
        moved('lost', '');
        this.#end(subscription);
      },
    }, ({ data }) => {
      const late = Math.max(0, this.#clock.now() - data.sent / 1000);
      this.#meter.heard(late);
      if (RANK[data.state] > RANK[at]) {
        at = data.state;
        moved(at, data.why, late);
        this.#end(subscription);
      }
    });
  }

  #end(subscription) {
    subscription.close();
    this.#count(-1);
  }

  #count(more) {
    this.#waiting += more;
    this.#meter.isRunning = this.#waiting > 0;
  }
}
