// What one technique has cost this page: requests, bytes, connections held, and how late the news came. The client asks
// through its `fetch` and its `WebSocket`, which count what passes and change nothing.

import { bytesOf, chunk, frame, requestHead, responseHead, STREAM_HEAD, upgradeHeads } from './bytes.js';
import { Latencies } from './latencies.js';

export class Meter {
  requests = 0;
  bytes = 0;
  messages = 0;
  held = 0; // questions without an answer, answers without an end, and sockets: now
  latencies = new Latencies();
  #runningSince = 0; // as performance.now(); 0: it does not run
  #ranMillis = 0;

  /** The technique is in use from now on, or no longer. */
  set isRunning(isRunning) {
    this.#ranMillis = this.ranMillis;
    this.#runningSince = isRunning ? performance.now() : 0;
  }

  get isRunning() {
    return this.#runningSince > 0;
  }

  /** For how long it was in use. */
  get ranMillis() {
    return this.#ranMillis + (this.isRunning ? performance.now() - this.#runningSince : 0);
  }

  /** A message has come, so late; NaN where that says nothing, as when it was caught up with. */
  heard(latencyMillis) {
    this.messages += 1;
    if (latencyMillis >= 0) {
      this.latencies.add(performance.now(), latencyMillis);
    }
  }

  fetch = async (url, init = {}) => {
    const { pathname, search } = new URL(url, location.href);
    const end = this.#hold();
    this.requests += 1;
    this.bytes += requestHead(pathname + search) + (typeof init.body === 'string' ? bytesOf(init.body) : 0);
    try {
      const response = await fetch(url, init);
      const isStream = !response.headers.has('Content-Length');
      this.bytes += isStream ? STREAM_HEAD : responseHead(response);
      if (response.body === null) {
        end();
        return response;
      }
      const { status, statusText, headers } = response;
      return new Response(this.#counted(response.body, isStream, end), { status, statusText, headers });
    } catch (error) {
      end();
      throw error;
    }
  };

  /** A body that is counted as it is read. */
  #counted(body, isStream, end) {
    const source = body.getReader();
    return new ReadableStream({
      pull: async (sink) => {
        try {
          const { done, value } = await source.read();
          if (done) {
            end();
            sink.close();
          } else {
            this.bytes += isStream ? chunk(value.byteLength) : value.byteLength;
            sink.enqueue(value);
          }
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: (reason) => {
        end();
        return source.cancel(reason);
      },
    });
  }

  #hold() {
    let isOver = false;
    this.held += 1;
    return () => {
      this.held -= isOver ? 0 : 1;
      isOver = true;
    };
  }

  /** A WebSocket that is counted. */
  get WebSocket() {
    const meter = this;
    return class extends WebSocket {
      constructor(url, protocol) {
        super(url, protocol);
        const end = meter.#hold();
        const { pathname, search } = new URL(url);
        meter.requests += 1;
        meter.bytes += upgradeHeads(pathname + search);
        this.addEventListener('message', ({ data }) => (meter.bytes += frame(bytesOf(data))));
        this.addEventListener('close', end);
      }

      send(data) {
        meter.bytes += frame(bytesOf(data)) + 4; // what a client sends is masked (RFC 6455, 5.3)
        super.send(data);
      }
    };
  }
}
