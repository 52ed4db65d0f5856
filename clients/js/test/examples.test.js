import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chromium } from './support/chromium.js';
import { Server } from './support/server.js';
import { until } from './support/until.js';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

describe('the example of a plain page', () => {
  const files = createServer(async (request, response) => {
    const name = new URL(request.url, 'http://any').pathname.slice(1) || 'index.html';
    const types = { html: 'text/html', js: 'text/javascript' };
    response.setHeader('Content-Type', types[name.split('.').pop()] ?? 'text/plain');
    response.end(await readFile(new URL(`browser/${name}`, EXAMPLES)));
  });
  let server;
  let browser;
  let origin;

  before(async () => {
    files.listen(0, '127.0.0.1');
    await once(files, 'listening');
    origin = `http://127.0.0.1:${files.address().port}`;
    server = await Server.start('--cors', origin);
    browser = await Chromium.start();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    files.closeAllConnections();
    files.close();
  });

  it('shows what is published, publishes, and goes on after a restart and a reload', { timeout: 60_000 }, async () => {
    const page = await browser.open(`${origin}/?server=${server.url}`);
    const texts = () => page.run("[...document.querySelectorAll('li')].map((item) => item.firstChild.data)");
    const shows = (...expected) => until(texts, (seen) => JSON.stringify(seen) === JSON.stringify(expected));
    const isLive = () =>
      until(
        () => page.run("document.querySelector('#state').textContent"),
        (text) => text === 'live',
      );

    await isLive();
    await fetch(`${server.url}/v1/topics/news/today`, { method: 'POST', body: 'first' });
    await shows('first');
    await page.run("form.elements.text.value = 'from the page', form.requestSubmit()");
    await shows('from the page', 'first');
    await server.restart();
    await fetch(`${server.url}/v1/topics/news/today`, { method: 'POST', body: 'third' });
    await shows('third', 'from the page', 'first');
    await page.go(`${origin}/?server=${server.url}`);
    await isLive();
    await fetch(`${server.url}/v1/topics/news/today`, { method: 'POST', body: 'fourth' });
    await shows('fourth');
    await page.close();
  });
});

describe('the recipes for curl', () => {
  let server;
  const variables = [];

  before(async () => (server = await Server.start()));
  after(() => server?.close());

  /** Runs a command as printed, but for where the server is; gives what it printed. */
  async function run(command) {
    const script = [...variables, command].join('\n').replaceAll('http://127.0.0.1:8080', server.url);
    const shell = spawn('sh', ['-ec', script], { cwd: fileURLToPath(new URL('..', import.meta.url)) });
    if (/ -sfN |wait=20/.test(command)) {
      // It waits for something: that is published until it comes.
      let isHeard = false;
      const heard = (async () => {
        for await (const line of createInterface({ input: shell.stdout })) {
          if (line.includes('"data":"again"')) {
            isHeard = true;
            return line;
          }
        }
        assert.fail(`ended without a message: ${command}`);
      })();
      await until(async () => {
        await fetch(`${server.url}/v1/topics/news/today`, { method: 'POST', body: 'again' });
        return isHeard;
      });
      shell.kill();
      return heard;
    }
    let printed = '';
    shell.stdout.on('data', (text) => (printed += text));
    const [code] = await once(shell, 'close');
    assert.equal(code, 0, `${command}\n${printed}`);
    return printed;
  }

  it('run as printed', { timeout: 60_000 }, async () => {
    const page = await readFile(new URL('curl/README.md', EXAMPLES), 'utf8');
    const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block.trimEnd().split('\n'));
    const printed = new Map();
    for (const command of blocks.flat()) {
      printed.set(command, await run(command));
      if (/^next=/.test(command)) {
        variables.push(command);
      }
    }
    const of = (part) => [...printed].filter(([command]) => command.includes(part)).map(([, output]) => output);
    assert.match(of("-d 'hello'")[0], /"id":"/);
    assert.equal(of('topics/sensors/kitchen').at(-1), '{"celsius":21.5}');
    assert.match(of('v1/batch')[0], /^(\{"topic":"news\/today","id":[^\n]+\n){2}$/);
    assert.deepEqual(
      JSON.parse(of('after=0')[0]).messages.map(({ data }) => data),
      ['hello', 'one', { n: 2 }],
    );
    assert.equal(JSON.parse(of('last=2')[0]).messages.length, 2);
    assert.deepEqual(JSON.parse(of('wait=0')[0]).messages, []);
    assert.match(of('v1/consumers/printer').at(-1), /"consumer":"printer"/);
    assert.match(of('prefix=news/')[0], /"topic":"news\/today"/);
  });
});
