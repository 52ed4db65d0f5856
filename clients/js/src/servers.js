import { backoff, deadline, pause, upTo } from './deadline.js';
import { PosthasteError, refusal } from './error.js';

/** The servers of a client, one of them in use; and requests to it. */
export class Servers {
  #urls;
  #at = 0;
  #timing;
  #fetch;
  #token;
  headers;

  /**
   * @param {string | URL | (string | URL)[] | undefined} urls where they are, the preferred first; undefined for where the page is from
   * @param {Record<string, string>} headers to be sent with every request
   * @param {typeof fetch} [ask] what asks; by default the runtime's own
   * @param {string | (() => string | Promise<string>)} [token] who asks, or what tells it before each request
   */
  constructor(urls, headers, timing, ask = (...request) => fetch(...request), token = undefined) {
    const here = globalThis.location?.href;
    const given = Array.isArray(urls) ? urls : [urls ?? here];
    if (given.length === 0 || given[0] === undefined) {
      throw new TypeError('url: none (expected: such as http://127.0.0.1:8080)');
    }
    this.#urls = given.map((url) => base(url === here ? '/' : url, here));
    this.headers = headers;
    this.#timing = timing;
    this.#fetch = ask;
    this.#token = token;
  }

  /** Who asks, as of now; undefined for nobody in particular. */
  async token() {
    return typeof this.#token === 'function' ? this.#token() : this.#token;
  }

  async #authorization() {
    const token = await this.token();
    return token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /** The address of the one in use, without a slash at its end. */
  get url() {
    return this.#urls[this.#at];
  }

  /** Says which these are, whichever is in use. */
  get name() {
    return this.#urls.join(' ');
  }

  /** Turns to the next, unless somebody has done so since. */
  failed(url) {
    if (url === this.url) {
      this.#at = (this.#at + 1) % this.#urls.length;
    }
  }

  /**
   * One request to one server; the time limit stands over reading the answer too.
   *
   * @template T
   * @param {(response: Response) => Promise<T>} read takes the answer
   * @returns {Promise<T>}
   */
  async once(url, { timeout = this.#timing.timeout, signal, expect = [], headers, ...init }, read) {
    const limit = deadline(timeout, signal);
    let asking;
    try {
      const ask = this.#fetch; // which minds what it is a method of
      asking = ask(url, {
        cache: 'no-store',
        ...init,
        headers: { ...this.headers, ...(await this.#authorization()), ...headers },
        signal: limit.signal,
      });
      const response = await upTo(limit.signal, asking);
      if (!response.ok && !expect.includes(response.status)) {
        throw await refusal(response);
      }
      return await upTo(limit.signal, read(response));
    } catch (cause) {
      asking?.then((late) => late.body?.cancel()).catch(() => {}); // it may not know that it is over
      if (signal?.aborted) {
        throw signal.reason ?? cause;
      }
      if (cause instanceof PosthasteError) {
        throw cause;
      }
      const why = limit.signal.aborted ? `no answer within ${timeout} ms` : (cause?.cause?.message ?? cause?.message);
      throw new PosthasteError(`${new URL(url).origin}: ${why}`, { cause });
    } finally {
      limit.end();
    }
  }

  /** As `once`, by whichever server answers; only for what may be sent twice. */
  async request(path, init, read) {
    for (let failures = 0; ; failures++) {
      const url = this.url;
      try {
        return await this.once(url + path, init, read);
      } catch (error) {
        const isLast = failures + 1 >= this.#timing.attempts;
        if (isLast || !(error instanceof PosthasteError && error.isTemporary)) {
          throw error;
        }
        this.failed(url);
        await pause(Math.max(error.retryAfter ?? 0, backoff(failures, this.#timing)), init.signal);
        init.signal?.throwIfAborted();
      }
    }
  }
}

function base(url, here) {
  const { protocol, origin, pathname } = new URL(url, here);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new TypeError(`url: ${url} (expected: http:// or https://)`);
  }
  return origin + pathname.replace(/\/+$/, '');
}
