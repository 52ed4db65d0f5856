// Who is in the room: what presence tells of each device, put together by person.

import { personOf } from './person.js';

export class People {
  #devices = new Map(); // topic -> {id, name, since}

  /** Takes a message of presence: somebody came, or went. */
  take({ topic, data, deleted }) {
    if (deleted) {
      this.#devices.delete(topic);
    } else {
      this.#devices.set(topic, { ...personOf(data.as), since: data.since });
    }
  }

  /** Nobody is known to be there. */
  clear() {
    this.#devices.clear();
  }

  /** A person once, however many tabs are open, by the newest name; who came first is first. */
  list() {
    const people = new Map();
    for (const { id, name, since } of this.#devices.values()) {
      const person = people.get(id) ?? { id, name, since, newest: since, tabs: 0 };
      if (since >= person.newest) {
        person.newest = since;
        person.name = name;
      }
      person.since = since < person.since ? since : person.since;
      person.tabs += 1;
      people.set(id, person);
    }
    return [...people.values()].sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : a.id < b.id ? -1 : 1));
  }
}
