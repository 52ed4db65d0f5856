import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { options } from './support/behaviours.js';
import { Chromium } from './support/chromium.js';
import { Proxy } from './support/proxy.js';
import { remoteAgent } from './support/remote.js';
import { Server } from './support/server.js';
import { until } from './support/until.js';

describe('tabs that read the same', () => {
  let server;
  let proxy;
  let browser;
  const tabs = [];

  before(async () => {
    proxy = await Proxy.start(() => server.port);
    server = await Server.start('--cors', proxy.url);
    browser = await Chromium.start();
  });

  after(async () => {
    await browser?.close();
    await proxy.close();
    await server?.close();
  });

  async function tab(topic, start = {}) {
    const agent = await remoteAgent(browser, [proxy.url], options());
    tabs.push(agent);
    const answer = await agent.call('subscribe', 'r', [topic], start, true);
    assert.equal(answer.refused, undefined, answer.message);
    return {
      agent,
      texts: async () => (await agent.call('state', 'r', 0)).value.heard.map(({ text }) => text),
      hears: (...texts) =>
        until(
          async () => (await agent.call('state', 'r', 0)).value.heard.map(({ text }) => text),
          (heard) => JSON.stringify(heard) === JSON.stringify(texts),
        ),
    };
  }

  const haveOneConnection = () =>
    until(
      () => ({ ...proxy.open }),
      ({ websocket, sse, held }) => websocket === 1 && sse === 0 && held === 0,
    );
  const publish = (topic, body) => fetch(`${server.url}/v1/topics/${topic}`, { method: 'POST', body });

  it('have one connection together', { timeout: 60_000 }, async () => {
    const one = await tab('together');
    await publish('together', '1');
    const two = await tab('together', { after: '0' });
    const three = await tab('together', { last: 1 });
    await publish('together', '2');
    for (const each of [one, two, three]) {
      await each.hears('1', '2');
    }
    await haveOneConnection();
    for (const each of [one, two, three]) {
      await each.agent.call('end');
    }
    await until(() => proxy.open.websocket === 0);
  });

  it('go on when the one with the connection is closed, each message once', { timeout: 60_000 }, async () => {
    const one = await tab('leader');
    const two = await tab('leader');
    const three = await tab('leader');
    const expected = [];
    let isDone = false;
    const publishing = (async () => {
      for (let n = 1; !isDone; n++) {
        await publish('leader', String(n));
        expected.push(String(n));
      }
    })();
    await until(() => expected.length > 20);
    await one.agent.page.close();
    const closedAt = expected.length;
    await until(async () => (await two.texts()).length > closedAt + 20);
    isDone = true;
    await publishing;
    await two.hears(...expected);
    await three.hears(...expected);
    await haveOneConnection();
    await two.agent.call('end');
    await three.agent.call('end');
  });

  it('hear each message once when the connection they have together is cut', { timeout: 60_000 }, async () => {
    const one = await tab('cut');
    const two = await tab('cut');
    const expected = [];
    for (let n = 1; n <= 30; n++) {
      await publish('cut', String(n));
      expected.push(String(n));
      if (n % 10 === 0) {
        proxy.cut();
      }
    }
    await one.hears(...expected);
    await two.hears(...expected);
    await one.agent.call('end');
    await two.agent.call('end');
  });

  it('do not wait for one whose handler is slow, which hears all the same', { timeout: 60_000 }, async () => {
    const slow = await tab('slow');
    const quick = await tab('slow');
    await slow.agent.call('pause', 'r');
    const lines = Array.from({ length: 900 }, (_, i) => JSON.stringify({ topic: 'slow', data: String(i) }));
    const answer = await fetch(`${server.url}/v1/batch`, { method: 'POST', body: lines.join('\n') });
    await answer.text();
    const expected = lines.map((_, i) => String(i));
    await quick.hears(...expected);
    assert.deepEqual(await slow.texts(), []);
    await slow.agent.call('resume', 'r');
    await slow.hears(...expected);
    await slow.agent.call('end');
    await quick.agent.call('end');
  });
});
