import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../../posthaste', import.meta.url));
const PATIENCE = 170_000; // it may have to be built first

/** A server of this repository, on a free port, with its data in a folder of its own. */
export class Server {
  #process;
  #data;
  #options;
  #said = '';

  static async start(...options) {
    const server = new Server();
    server.#options = options;
    server.#data = await mkdtemp(join(tmpdir(), 'posthaste-js-'));
    await server.#run('127.0.0.1:0');
    return server;
  }

  async #run(address) {
    const options = ['serve', '--http', address, '--tcp', 'off', '--data', this.#data, ...this.#options];
    const child = spawn(LAUNCHER, options, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    child.stderr.on('data', (text) => (this.#said += text));
    const limit = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    for await (const line of createInterface({ input: child.stdout })) {
      const ready = /^ready http=(\S+)/.exec(line);
      if (ready) {
        clearTimeout(limit);
        child.stdout.resume();
        this.address = ready[1];
        this.url = `http://${ready[1]}`;
        this.port = Number(/[0-9]+$/.exec(ready[1])[0]);
        return;
      }
    }
    throw new Error(`the server did not start: ${this.#said}`);
  }

  async #end(signal) {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill(signal);
      await exited;
    }
  }

  /** Stops it in order, and starts it again where it was. */
  async restart(signal = 'SIGTERM') {
    await this.#end(signal);
    await this.#run(this.address);
  }

  /** Has the server do something that only who can read its files may ask for; see /v1/access. */
  async operate(method, path, body) {
    const [url, secret] = (await readFile(join(this.#data, 'control'), 'utf8')).split('\n');
    const response = await fetch(`${url}/v1/access/${path}`, {
      method,
      headers: { Authorization: `Bearer ${secret}` },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    }
    return response.status === 204 ? undefined : response.json();
  }

  async close() {
    await this.#end('SIGTERM');
    await rm(this.#data, { recursive: true, force: true });
  }
}
