const ENDINGS = {
  properties: 'properties',
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  xml: 'xml',
  html: 'html',
  toml: 'toml',
};

/** Configs of one group: the topics `config/{namespace}/{group}/{name}`, which keep their last versions. */
export class Configs {
  #client;
  #place;

  constructor(client, { namespace = 'public', group = 'DEFAULT_GROUP' } = {}) {
    this.#client = client;
    this.#place = `config/${part(namespace)}/${part(group)}/`;
  }

  async get(name, options) {
    const page = await this.#client.poll(this.#topic(name), { ...options, after: '0', only: 'latest', limit: 1 });
    const [newest] = page.messages;
    return newest === undefined || newest.deleted ? undefined : config(newest);
  }

  async publish(name, content, { format, author, comment, ...options } = {}) {
    const said = { format: format ?? ENDINGS[name.split('.').at(-1).toLowerCase()] ?? 'text', author, comment };
    const headers = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
    return this.#client.publish(this.#topic(name), String(content), { ...options, type: 'text/plain', headers });
  }

  async delete(name, options) {
    return this.#client.delete(this.#topic(name), options);
  }

  listen(names, ...rest) {
    const handler = rest.find((each) => typeof each === 'function');
    const options = rest.find((each) => typeof each === 'object') ?? {};
    if (handler === undefined) {
      throw new TypeError('handler: none (expected: a function that is given each version)');
    }
    const topics = (typeof names === 'string' ? [names] : [...names]).map((name) => this.#topic(name));
    return this.#client.subscribe(topics, { ...options, after: '0', only: 'latest' }, (message) =>
      handler(config(message)),
    );
  }

  #topic(name) {
    return this.#place + part(name);
  }
}

function part(name) {
  if (typeof name !== 'string' || !/^[\p{L}\p{Nd}_.:-]{1,255}$/u.test(name)) {
    throw new TypeError(`config: ${name} (expected: letters, digits and _ - . :)`);
  }
  return name;
}

function config({ topic, id, at, headers = {}, data, deleted }) {
  const [, namespace, group, name] = topic.split('/');
  const content = deleted ? undefined : typeof data === 'string' ? data : JSON.stringify(data);
  return { namespace, group, name, id, at, headers, content, deleted: deleted ?? false };
}
