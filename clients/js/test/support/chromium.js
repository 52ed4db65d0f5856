import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--remote-debugging-port=0',
];

/** A Chromium without a window, spoken to by its own protocol; as much of it as the tests need. */
export class Chromium {
  #process;
  #profile;
  #socket;
  #calls = new Map();
  #id = 0;

  static async start() {
    const browser = new Chromium();
    browser.#profile = await mkdtemp(join(tmpdir(), 'posthaste-chromium-'));
    const child = spawn(process.env.CHROMIUM ?? 'chromium', [...FLAGS, `--user-data-dir=${browser.#profile}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    browser.#process = child;
    const said = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      const listening = /^DevTools listening on (ws:\S+)/.exec(line);
      if (listening) {
        child.stderr.resume();
        await browser.#connect(listening[1]);
        return browser;
      }
    }
    throw new Error(`Chromium did not start: ${said.join('\n')}`);
  }

  async #connect(url) {
    this.#socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket.on('message', (data) => {
      const { id, result, error } = JSON.parse(data);
      const call = this.#calls.get(id);
      if (call !== undefined) {
        this.#calls.delete(id);
        if (error) {
          call.reject(new Error(error.message));
        } else {
          call.resolve(result);
        }
      }
    });
    await once(this.#socket, 'open');
  }

  command(method, params = {}, sessionId) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  /** Opens a page in a tab of its own. */
  async open(url) {
    const { targetId } = await this.command('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.command('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    await page.go(url);
    return page;
  }

  async close() {
    const exited = once(this.#process, 'exit');
    this.command('Browser.close').catch(() => {});
    await exited;
    this.#socket.terminate();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  #browser;
  #target;
  #session;

  constructor(browser, target, session) {
    this.#browser = browser;
    this.#target = target;
    this.#session = session;
  }

  command(method, params) {
    return this.#browser.command(method, params, this.#session);
  }

  async go(url) {
    const { errorText } = await this.command('Page.navigate', { url });
    if (errorText) {
      throw new Error(`${url}: ${errorText}`);
    }
    await this.run(`new Promise((resolve) => document.readyState === 'complete' ? resolve()
      : addEventListener('load', () => resolve()))`);
  }

  /** The value of a script's expression, awaited if it is a promise. */
  async run(expression) {
    const { result, exceptionDetails } = await this.command('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  async close() {
    await this.#browser.command('Target.closeTarget', { targetId: this.#target });
  }
}
