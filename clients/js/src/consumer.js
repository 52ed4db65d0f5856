/** A named cursor that the server remembers. */
export class Consumer {
  #request;
  #path;

  constructor(name, request) {
    this.name = name;
    this.#request = request;
    this.#path = `/v1/consumers/${encodeURIComponent(name)}`;
  }

  /** Where it stands; undefined if there is none of this name. */
  async cursor({ signal } = {}) {
    return this.#request(this.#path, { signal, expect: [404] }, async (response) =>
      response.ok ? (await response.json()).next : void (await response.text()),
    );
  }

  /** Moves it, forward only: all up to this message or cursor is done. */
  async ack(upTo, { signal } = {}) {
    const ack = typeof upTo === 'string' ? upTo : upTo.cursor;
    const body = JSON.stringify({ ack });
    const headers = { 'Content-Type': 'application/json' };
    await this.#request(this.#path, { method: 'POST', body, headers, signal }, async () => {});
  }

  /** Makes the server forget it. */
  async forget({ signal } = {}) {
    await this.#request(this.#path, { method: 'DELETE', signal }, async () => {});
  }
}
