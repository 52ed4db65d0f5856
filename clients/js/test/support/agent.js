import { Posthaste, PosthasteError } from '../../src/posthaste.js';

/**
 * A client under test and its readers, here or in a browser's page: whoever leads the test only ever gives and gets what
 * JSON can hold.
 */
export class Agent {
  #client;
  #readers = new Map();

  constructor(urls, options) {
    this.#client = new Posthaste(urls, options);
  }

  /** Runs one of the methods below; gives `{value}` or `{refused, message}`. */
  async call(method, ...parameters) {
    try {
      return { value: await this[method](...parameters) };
    } catch (error) {
      return { refused: error.code ?? error.name, message: error.message };
    }
  }

  async publish(topic, message, options) {
    return this.#client.publish(topic, content(message), { type: message.type, headers: message.headers, ...options });
  }

  async batch(messages) {
    const answers = await this.#client.batch(
      messages.map(({ topic, ...message }) => ({ topic, data: content(message), type: message.type })),
    );
    return answers.map((answer) => (answer instanceof PosthasteError ? answer.code : 'stored'));
  }

  delete(topic) {
    return this.#client.delete(topic);
  }

  async latest(topic) {
    const latest = await this.#client.latest(topic);
    return latest === undefined ? null : { id: latest.id, ...told(latest) };
  }

  async waitForChange(topic, id, wait) {
    const changed = await this.#client.waitForChange(topic, { id, wait });
    return changed === undefined ? 'unchanged' : told(changed);
  }

  async poll(topics, options) {
    const page = await this.#client.poll(topics, options);
    return { ...page, messages: page.messages.map(told) };
  }

  async list(prefix) {
    const names = [];
    for await (const { topic } of this.#client.topics({ prefix })) {
      names.push(topic);
    }
    return names;
  }

  async subscribe(name, topics, options, waits) {
    const reader = { heard: [], missed: 0, errors: [], gate: Promise.resolve(), open: () => {} };
    this.#readers.set(name, reader);
    reader.subscription = this.#client.subscribe(
      topics,
      {
        ...options,
        onMissed: () => reader.missed++,
        onError: (error) => reader.errors.push(error.message),
        onState: ({ technique }) => (reader.technique = technique),
      },
      async (message) => {
        await reader.gate;
        reader.heard.push(told(message));
      },
    );
    if (waits) {
      await reader.subscription.ready;
    }
  }

  /** What a reader has heard from the n-th message on, and how it is. */
  state(name, from) {
    const { heard, missed, errors, subscription } = this.#readers.get(name);
    return {
      heard: heard.slice(from),
      missed,
      errors,
      cursor: subscription.cursor,
      technique: this.#client.technique,
    };
  }

  pause(name) {
    const reader = this.#readers.get(name);
    reader.gate = new Promise((resolve) => (reader.open = resolve));
  }

  resume(name) {
    this.#readers.get(name).open();
  }

  async close(name) {
    await this.#readers.get(name).subscription.close();
  }

  async ack(consumer, name) {
    await this.#client.consumer(consumer).ack(this.#readers.get(name).subscription.cursor);
  }

  async forget(consumer) {
    await this.#client.consumer(consumer).forget();
  }

  async end() {
    this.#readers.forEach((reader) => reader.open());
    await this.#client.close();
  }
}

/** What to publish, of a message as clients/README.md has it. */
export function content({ text, json, base64 }) {
  return base64 === undefined ? (text ?? json) : Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

/** A message as clients/README.md has it, of what the client gave. */
export function told({ data, deleted, type, headers }) {
  if (deleted) {
    return null;
  }
  const kind = data instanceof Uint8Array ? 'base64' : /json/.test(type ?? '') ? 'json' : 'text';
  return { [kind]: kind === 'base64' ? btoa(String.fromCharCode(...data)) : data, type, headers };
}
