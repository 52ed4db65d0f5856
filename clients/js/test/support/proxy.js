import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { extname } from 'node:path';

const ROOT = new URL('../../', import.meta.url);
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/**
 * What may lie between a client and its server, with the faults that clients/README.md tells of, and `freeze`: what is
 * connected stays so, and nothing passes any more. Below `/files/` it serves this package, for browsers.
 */
export class Proxy {
  #server = createServer();
  #sockets = new Set();
  #target;
  #faults = {};
  #frozen = new WeakSet();

  /** Requests that were let through and are not over, by technique. */
  open = { websocket: 0, sse: 0, held: 0 };
  /** How many requests of each there have been. */
  seen = { websocket: 0, sse: 0, held: 0, plain: 0 };

  /** Bytes of answers that were passed on. */
  passed = 0;

  /** @param {() => number} target the port that it leads to */
  static async start(target) {
    const proxy = new Proxy();
    proxy.#target = target;
    proxy.#server.on('connection', (socket) => proxy.#accept(socket));
    proxy.#server.on('request', (from, to) => proxy.#serve(from, to));
    proxy.#server.on('upgrade', (from, socket, head) => proxy.#upgrade(from, socket, head));
    proxy.#server.keepAliveTimeout = 60_000;
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  get isDown() {
    return this.#faults.down === true;
  }

  /** From now on it has these faults and no others; what is connected is cut. */
  fail(faults) {
    this.#faults = faults;
    this.cut();
  }

  cut() {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** What is connected stays so, but nothing passes any more; what connects from now on is as ever. */
  freeze() {
    this.#sockets.forEach((socket) => this.#frozen.add(socket));
  }

  async close() {
    this.#server.close();
    this.cut();
  }

  #accept(socket) {
    if (this.#faults.down) {
      socket.destroy();
      return;
    }
    this.#track(socket);
  }

  #track(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #count(kind, ended) {
    this.seen[kind]++;
    if (kind !== 'plain' && !ended.destroyed) {
      this.open[kind]++;
      ended.once('close', () => this.open[kind]--);
    }
  }

  async #serve(from, to) {
    if (from.url.startsWith('/files/')) {
      await this.#file(from.url.slice('/files/'.length), to);
      return;
    }
    const faults = this.#faults;
    const socket = from.socket;
    const isStream = from.headers.accept === 'text/event-stream';
    const isHeld = /[?&]wait=/.test(from.url);
    this.#count(isStream ? 'sse' : isHeld ? 'held' : 'plain', to);
    const onward = request(
      { host: '127.0.0.1', port: this.#target(), path: from.url, method: from.method, headers: from.headers },
      (answer) => {
        clearTimeout(limit);
        if (from.method === 'POST' && faults.loseAnswers > 0) {
          faults.loseAnswers--;
          socket.destroy();
        } else if (isStream && faults.gatherStreams) {
          answer.resume();
        } else {
          to.writeHead(answer.statusCode, answer.rawHeaders);
          to.flushHeaders();
          answer.on('data', (data) => (this.passed += data.length));
          answer.on('data', (data) => this.#frozen.has(socket) || to.write(data) || this.#hold(answer, to));
          answer.on('end', () => this.#frozen.has(socket) || to.end());
          answer.on('error', () => socket.destroy());
        }
      },
    );
    const limit = faults.cutHeldMillis && setTimeout(() => socket.destroy(), faults.cutHeldMillis);
    onward.on('error', () => this.#frozen.has(socket) || socket.destroy());
    to.on('close', () => {
      clearTimeout(limit);
      onward.destroy();
    });
    from.pipe(onward);
  }

  #hold(from, to) {
    from.pause();
    to.once('drain', () => from.resume());
  }

  async #file(name, to) {
    try {
      const content = await readFile(new URL(name, ROOT));
      to.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'text/plain', 'Cache-Control': 'no-store' });
      to.end(content);
    } catch {
      to.writeHead(404).end();
    }
  }

  #upgrade(from, socket, head) {
    if (this.#faults.refuseUpgrades) {
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    if (this.#faults.swallowUpgrades) {
      return;
    }
    this.#count('websocket', socket);
    const onward = connect(this.#target(), '127.0.0.1');
    this.#track(onward);
    const headers = from.rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    onward.write(`${from.method} ${from.url} HTTP/1.1\r\n${headers}\r\n`);
    onward.write(head);
    this.#pass(socket, onward, socket);
    this.#pass(onward, socket, socket);
  }

  #pass(from, to, client) {
    from.on('data', (data) => this.#frozen.has(client) || to.write(data) || this.#hold(from, to));
    from.on('end', () => this.#frozen.has(client) || to.end());
    from.on('close', () => this.#frozen.has(client) || to.destroy());
  }
}
