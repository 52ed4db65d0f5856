import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent } from './agent.js';
import { until } from './until.js';

const SUITE = JSON.parse(readFileSync(new URL('../../../behaviours.json', import.meta.url), 'utf8'));
const TECHNIQUES = ['websocket', 'sse', 'longPoll', 'shortPoll'];

/** Options of the server on which the behaviours are shown. */
export const SERVER_OPTIONS = SUITE.server;

/** All that is to be run: each behaviour, once for each technique where it is over each. */
export const BEHAVIOURS = SUITE.behaviours.flatMap((behaviour) =>
  behaviour.over === 'each'
    ? TECHNIQUES.map((technique) => ({ ...behaviour, technique, title: `${behaviour.name}, by ${technique}` }))
    : [{ ...behaviour, title: behaviour.name }],
);

/** The client's options, of the settings that the suite names. */
export function options(technique) {
  const { client } = SUITE;
  return {
    ...(technique && { techniques: [technique] }),
    timing: {
      hold: client.waitSeconds * 1000,
      interval: client.shortPollMillis,
      openTimeout: client.answerLimitMillis,
      firstRetry: client.firstBackoffMillis,
      longestRetry: client.longestBackoffMillis,
      betterAfter: client.retryBetterMillis,
    },
  };
}

let runs = 0;

/**
 * Runs one behaviour.
 *
 * @param {object} world the `server`, its `proxies`, and `open(urls, options)` that makes the agent with the client
 */
export async function run(behaviour, world) {
  const name = `run${process.pid.toString(36)}x${++runs}`;
  const steps = JSON.parse(JSON.stringify(behaviour.steps).replaceAll('{run}', name));
  const urls = world.proxies.slice(0, behaviour.nodes ?? 1).map(({ url }) => url);
  world.proxies.forEach((proxy) => proxy.fail({}));
  const client = await world.open(urls, options(behaviour.technique));
  const direct = new Agent([world.server.url], {});
  const runner = new Runner(world, client, direct);
  try {
    for (const step of steps) {
      await runner.take(step);
    }
  } finally {
    world.proxies.forEach((proxy) => proxy.fail({}));
    await client.call('end');
    await direct.end();
  }
}

class Runner {
  #world;
  #client;
  #direct;
  #heard = new Map(); // how many each reader has been checked for
  #lastId;
  #next;

  constructor(world, client, direct) {
    this.#world = world;
    this.#client = client;
    this.#direct = direct;
  }

  async take(step) {
    const [verb] = Object.keys(step);
    assert.equal(typeof this[verb], 'function', `step: ${verb} (expected: one of clients/README.md)`);
    await this[verb](step[verb], step, step.as ?? 'r');
  }

  async #ask(step, method, ...parameters) {
    const { value, refused, message } = await this.#client.call(method, ...parameters);
    assert.equal(refused, step.refused, message);
    return value;
  }

  async publish(topic, step) {
    const { messages, count = 0, key, match, refused } = step;
    const agent = step.through === 'network' || refused ? this.#client : this.#direct;
    const all = messages ?? Array.from({ length: count }, (_, i) => String(i + 1));
    if (messages === undefined) {
      for (let from = 0; from < count; from += 100) {
        await agent.call(
          'batch',
          all.slice(from, from + 100).map((text) => ({ topic, text })),
        );
      }
      return;
    }
    for (const message of all.map(whole)) {
      const answer = await agent.call('publish', topic, message, {
        key,
        match: match === 'latest' ? this.#lastId : match,
      });
      assert.equal(answer.refused, refused, answer.message);
      this.#lastId = answer.value?.id ?? this.#lastId;
    }
  }

  async batch(messages, step) {
    assert.deepEqual(await this.#ask(step, 'batch', messages), step.outcomes);
  }

  async delete(topic, step) {
    assert.equal(await this.#ask(step, 'delete', topic), step.was);
  }

  async latest(topic, step) {
    check(await this.#ask(step, 'latest', topic), step.is);
  }

  async awaitChange(topic, step) {
    const latest = await this.#ask(step, 'latest', topic);
    const changed = this.#ask(step, 'waitForChange', topic, latest?.id, step.waitSeconds);
    await this.#during(step);
    if (step.is === 'unchanged') {
      assert.equal(await changed, 'unchanged');
    } else {
      check(await changed, step.is);
    }
  }

  async poll(topics, step) {
    const { after = step.afterPoll ? this.#next : undefined, last, limit, waitSeconds: wait } = step;
    const options = Object.entries({ after, last, limit, wait }).filter(([, value]) => value !== undefined);
    const asked = this.#ask(step, 'poll', topics, Object.fromEntries(options));
    await this.#during(step);
    const page = await asked;
    this.#next = page.next;
    assert.equal(page.messages.length, step.finds.length, JSON.stringify(page.messages));
    page.messages.forEach((message, i) => check(message, step.finds[i]));
    if (step.more !== undefined) {
      assert.equal(page.more, step.more);
    }
  }

  async #during(step) {
    if (step.during) {
      await this.take(step.during);
    }
  }

  async list(prefix, step) {
    assert.deepEqual(await this.#ask(step, 'list', prefix), step.finds);
  }

  async subscribe(topics, step, name) {
    const { after, last, consumer, afterCursorOf, onlyLatest } = step;
    const start = Object.entries({
      after: afterCursorOf ? (await this.#state(afterCursorOf)).cursor : after,
      last,
      consumer,
      only: onlyLatest ? 'latest' : undefined,
    }).filter(([, value]) => value !== undefined);
    const isReachable = this.#world.proxies.some((proxy) => !proxy.isDown);
    this.#heard.set(name, 0);
    await this.#ask(step, 'subscribe', name, topics, Object.fromEntries(start), isReachable);
  }

  async #state(name) {
    const { value, message } = await this.#client.call('state', name, this.#heard.get(name));
    assert.notEqual(value, undefined, message);
    assert.deepEqual(value.errors, []);
    return value;
  }

  async #hears(name, count) {
    const { heard } = await until(
      () => this.#state(name),
      (state) => state.heard.length >= count,
    );
    this.#heard.set(name, this.#heard.get(name) + heard.length);
    return heard;
  }

  async hear(messages, step, name) {
    const heard = await this.#hears(name, messages.length);
    assert.equal(heard.length, messages.length, `heard ${JSON.stringify(heard)}`);
    heard.forEach((message, i) => check(message, messages[i]));
  }

  async hearAnyOrder(messages, step, name) {
    const heard = await this.#hears(name, messages.length);
    assert.deepEqual(heard.map(({ text }) => text).sort(), [...messages].sort());
  }

  async hearCount(count, step, name) {
    const heard = await this.#hears(name, count);
    assert.deepEqual(
      heard.map(({ text }) => text),
      Array.from({ length: count }, (_, i) => String(i + 1)),
    );
  }

  async missed(isExpected, step, name) {
    if (isExpected) {
      await until(
        () => this.#state(name),
        ({ missed }) => missed > 0,
      );
    } else {
      assert.equal((await this.#state(name)).missed, 0);
    }
  }

  async technique(expected, step, name) {
    await until(
      () => this.#state(name),
      ({ technique }) => technique === expected,
    );
  }

  async pause(_, step, name) {
    await this.#ask(step, 'pause', name);
  }

  async resume(_, step, name) {
    await this.#ask(step, 'resume', name);
  }

  async close(name, step) {
    await this.#ask(step, 'close', name);
  }

  async ack(consumer, step) {
    await this.#ask(step, 'ack', consumer, step.upTo);
  }

  async forget(consumer, step) {
    await this.#ask(step, 'forget', consumer);
  }

  async quietSeconds(seconds) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }

  async cut() {
    this.#world.proxies.forEach((proxy) => proxy.cut());
  }

  async restart() {
    await this.#world.server.restart();
  }

  async network(faults, { node = 1 }) {
    this.#world.proxies[node - 1].fail(faults);
  }
}

function whole(message) {
  return typeof message === 'string' ? { text: message } : message;
}

/** Of what is expected only the members that it has. */
function check(message, expected) {
  if (expected === null || message === null) {
    assert.equal(message, expected);
    return;
  }
  for (const [name, value] of Object.entries(whole(expected))) {
    assert.deepEqual(message[name], value, `${name} of ${JSON.stringify(message)}`);
  }
}
