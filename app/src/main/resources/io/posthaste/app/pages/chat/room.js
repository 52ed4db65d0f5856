// A room: one reader over what is said and who is there, by whichever technique is wanted. Changing it, the reader goes on
// from its cursor, which is the same by every technique, so that nothing is lost and nothing comes twice.
//
// Events: `said` (detail: {message, late}), `people`, `missed`, `state` (detail: as the client tells), `ready`.

import { Posthaste } from '/client/posthaste.js';
import { Numbers } from '../common/numbers.js';
import { People } from './people.js';

const TOPIC = 'demo/chat/lobby';
const PLACE = 'demo/chat/lobby';
const PEOPLE = `$presence/${PLACE}/*/*`;
const HISTORY = 50;
const TIMING = { interval: 2000, longestRetry: 5000 };

/** The page's techniques, and the client's names of them. */
export const TECHNIQUES = { 'short-poll': 'shortPoll', 'long-poll': 'longPoll', sse: 'sse', websocket: 'websocket' };

export class Room extends EventTarget {
  people = new People();
  numbers = new Numbers();
  technique;
  #person;
  #clock;
  #meters;
  #voice = new Posthaste(undefined, { storage: null });
  #client;
  #subscription;
  #cursor;
  #oldest;
  #known = new Set(); // ids that came with the history
  #since = 0; // what was said before is caught up with, and tells nothing of latency
  #turns = Promise.resolve();
  #run;
  #number = 0;

  /** @param meters {Map<string, Meter>} by technique */
  constructor(person, clock, meters) {
    super();
    this.#person = person;
    this.#clock = clock;
    this.#meters = meters;
    this.#newRun();
  }

  /** Enters, or goes on by another technique, or under another name. One turn after the other. */
  use(technique) {
    this.#turns = this.#turns.catch(() => undefined).then(() => this.#turn(technique));
    return this.#turns;
  }

  /** Goes, until it is used again: whoever is kept by the browser for going back to is not here. */
  leave() {
    this.#turns = this.#turns.catch(() => undefined).then(() => this.#leave());
    return this.#turns;
  }

  async #turn(technique) {
    await this.#leave();
    if (this.#cursor === undefined) {
      await this.#enter();
    }
    const meter = this.#meters.get(technique);
    this.technique = technique;
    this.#since = this.#clock.now();
    meter.isRunning = true;
    this.#client = new Posthaste(undefined, {
      techniques: [TECHNIQUES[technique]],
      fetch: meter.fetch,
      WebSocket: meter.WebSocket,
      storage: null,
      timing: TIMING,
    });
    const { as, tab } = this.#person;
    this.#subscription = this.#client.subscribe([TOPIC, PEOPLE], {
      after: this.#cursor,
      presence: { place: PLACE, as, device: tab },
      onMissed: (gaps) => this.#missed(gaps),
      onState: (state) => this.#tell('state', state),
    }, (message) => this.#hear(message, meter));
    this.#subscription.ready.then(() => this.#tell('ready'), () => undefined);
  }

  /** Lets go of the connection; the cursor stays. */
  async #leave() {
    if (this.#subscription !== undefined) {
      await this.#client.close();
      await this.#subscription.closed.catch(() => undefined); // what is being handled is handled
      this.#cursor = this.#subscription.cursor ?? this.#cursor;
      this.#subscription = undefined;
      this.#meters.get(this.technique).isRunning = false;
    }
  }

  /** The place from which to follow, then what was before: so nothing falls between. */
  async #enter() {
    const { next } = await this.#voice.poll([TOPIC, PEOPLE]);
    const { messages } = await this.#voice.poll(TOPIC, { last: HISTORY });
    await this.#askWhoIsThere();
    for (const message of messages) {
      this.#known.add(message.id);
      this.#say(message, true);
    }
    this.#oldest = messages[0]?.id;
    this.#cursor = next;
  }

  async #askWhoIsThere() {
    const found = [];
    for (let after = '0', more = true; more;) {
      const page = await this.#voice.poll(PEOPLE, { after, only: 'latest', limit: 1000 });
      found.push(...page.messages);
      ({ next: after, more } = page);
    }
    this.people.clear();
    found.forEach((message) => this.people.take(message));
    this.#tell('people');
  }

  /** Messages before the oldest that is known; empty at the beginning. */
  async earlier() {
    if (this.#oldest === undefined) {
      return [];
    }
    const { messages } = await this.#voice.poll(TOPIC, { before: this.#oldest, limit: HISTORY });
    this.#oldest = messages[0]?.id;
    return messages;
  }

  #hear(message, meter) {
    if (message.topic !== TOPIC) {
      this.people.take(message);
      this.#tell('people');
      meter.heard(NaN);
      return;
    }
    if (this.#known.delete(message.id)) {
      return;
    }
    const sent = message.data?.sent / 1000 || Date.parse(message.at);
    const late = sent < this.#since;
    const latency = Math.max(0, this.#clock.now() - sent);
    meter.heard(late ? NaN : latency);
    this.#say(message, late, latency);
  }

  #say(message, late, latency) {
    this.numbers.check(message.data);
    this.#tell('said', { message, late, latency });
  }

  #missed(gaps) {
    if (gaps.some(({ topic }) => !topic.startsWith('$'))) {
      this.numbers.forget();
      this.#tell('missed');
    }
    // Of who is there only the newest is kept, so what lies between is missed often: it is asked anew.
    this.#askWhoIsThere().catch(() => undefined);
  }

  #newRun() {
    this.#run = `${this.#person.tab}-${Math.random().toString(36).slice(2)}`;
    this.#number = 0;
  }

  /** Says something; resolves with its id when it is stored. */
  async say(text) {
    const { id, name } = this.#person;
    const data = { from: 'chat', run: this.#run, n: ++this.#number, who: { id, name }, text, sent: Math.round(this.#clock.now() * 1000) };
    try {
      return await this.#voice.publish(TOPIC, data);
    } catch (error) {
      this.#newRun(); // it may be there or not: nobody is to look for its number
      throw error;
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
