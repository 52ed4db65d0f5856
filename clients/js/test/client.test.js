import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { Posthaste, PosthasteError } from '../src/posthaste.js';
import { Chromium } from './support/chromium.js';
import { Proxy } from './support/proxy.js';
import { Server } from './support/server.js';
import { soon, until } from './support/until.js';

const QUICK = { firstRetry: 50, longestRetry: 500, openTimeout: 1_000, interval: 100, hold: 2_000, pingTimeout: 500 };

describe('the client', () => {
  let server;
  let proxy;
  let direct;
  const clients = [];

  before(async () => {
    server = await Server.start('--heartbeat', '1s');
    proxy = await Proxy.start(() => server.port);
    direct = new Posthaste(server.url);
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await proxy?.close();
    await server?.close();
  });

  function client(techniques, { timing, ...more } = {}) {
    const made = new Posthaste(proxy.url, { WebSocket, techniques, ...more, timing: { ...QUICK, ...timing } });
    clients.push(made);
    return made;
  }

  it('follows configs from their newest version on', { timeout: 30_000 }, async () => {
    const configs = client(['sse']).configs({ group: 'flags' });
    assert.equal(await configs.get('a.json'), undefined);
    const { id } = await configs.publish('a.json', '{"on":1}', { author: 'ann', match: 'none' });
    const first = await configs.get('a.json');
    const headers = { format: 'json', author: 'ann', address: '127.0.0.1' };
    assert.deepEqual([first.id, first.content, first.headers], [id, '{"on":1}', headers]);
    const heard = [];
    const listening = configs.listen(['a.json', 'b'], ({ name, content, deleted }) =>
      heard.push([name, content, deleted]),
    );
    await until(() => heard.length === 1);
    await configs.publish('b', 'text');
    await configs.publish('a.json', '{"on":2}', { match: id });
    await assert.rejects(configs.publish('a.json', '{}', { match: id }), { code: 'conditionFailed' });
    assert.equal(await configs.delete('a.json'), true);
    await until(() => heard.length >= 3 && heard.at(-1)[2]);
    assert.deepEqual(heard[0], ['a.json', '{"on":1}', false]);
    assert.deepEqual(heard.at(-1), ['a.json', undefined, true]);
    assert.equal(await configs.get('a.json'), undefined);
    assert.throws(() => configs.listen('a/b', () => {}), TypeError);
    await listening.close();
  });

  for (const technique of ['websocket', 'sse']) {
    it(`takes a connection that says nothing for dead, by ${technique}`, { timeout: 30_000 }, async () => {
      const heard = [];
      const topic = `silence/${technique}`;
      const reader = client([technique], { timing: { silence: 2_500 } }).subscribe(topic, ({ data }) =>
        heard.push(data),
      );
      await reader.ready;
      await direct.publish(topic, '1');
      await until(() => heard.length === 1);
      proxy.freeze();
      await direct.publish(topic, '2');
      await until(() => heard.length === 2);
      assert.deepEqual(heard, ['1', '2']);
      await reader.close();
    });
  }

  it(
    'gives the reader of a WebSocket up when its handler is slow, and loses nothing',
    { timeout: 60_000 },
    async () => {
      const heard = [];
      let resume;
      const gate = new Promise((resolve) => (resume = resolve));
      const slow = client(['websocket'], { buffer: { messages: 20 } });
      const reader = slow.subscribe('slow', async ({ data }) => {
        await gate;
        heard.push(data);
      });
      await reader.ready;
      const all = Array.from({ length: 900 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
      await direct.batch(all.map((data) => ({ topic: 'slow', data })));
      await until(async () => (await (await fetch(`${server.url}/v1/topics/slow?inspect`)).json()).readers === 0);
      resume();
      await until(() => heard.length === all.length);
      assert.deepEqual(heard, all);
      await reader.close();
    },
  );

  for (const technique of ['sse', 'longPoll']) {
    it(`does not ask for what it has no room for, by ${technique}`, { timeout: 180_000 }, async () => {
      const topic = `room/${technique}`;
      const heard = [];
      const states = [];
      const place = (doing) => () =>
        `${doing}; ${heard.length} heard, ${proxy.passed} bytes passed, ${JSON.stringify(states)}`;
      let resume;
      const gate = new Promise((resolve) => (resume = resolve));
      const reader = client([technique], { buffer: { messages: 20 } }).subscribe(
        topic,
        { onState: (state) => states.push(state) },
        async ({ data }) => {
          await gate;
          heard.push(data.slice(0, 8));
        },
      );
      await soon(reader.ready, place('opening'));
      const before = proxy.passed;
      for (let part = 0; part < 24; part++) {
        const lines = Array.from({ length: 30 }, (_, i) => ({ topic, data: `${part * 30 + i}`.padEnd(20_000) }));
        await soon(direct.batch(lines), place(`publishing part ${part}`));
      }
      // 14 MB were published; what lies in sockets, and a page, may pass.
      const asked = await soon(
        settled(() => proxy.passed),
        place('settling'),
      );
      assert.ok(asked - before < 10_000_000, `${asked - before} bytes passed`);
      resume();
      await until(() => heard.length === 720);
      assert.deepEqual(
        heard.map(Number),
        Array.from({ length: 720 }, (_, i) => i),
      );
      await soon(reader.close(), place('closing'));
    });
  }

  for (const technique of ['sse', 'longPoll']) {
    it(`lets go of what it holds after a garbage collection too, by ${technique}`, { timeout: 60_000 }, async () => {
      const reader = client([technique]).subscribe(`let-go/${technique}`, () => {});
      await soon(reader.ready, () => 'opening');
      setFlagsFromString('--expose-gc');
      for (let i = 0; i < 5; i++) {
        runInNewContext('gc')();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await soon(reader.close(), () => 'closing', 10);
      if (technique === 'sse') {
        await until(() => proxy.open.sse === 0);
      }
    });
  }

  it('comes back when the server that goes down says', { timeout: 30_000 }, async () => {
    const states = [];
    const reader = client(['websocket']).subscribe('restart', { onState: (state) => states.push(state) }, () => {});
    await reader.ready;
    await server.restart();
    const { error, retryIn } = await until(() => states.find((state) => state.error?.message.includes('1012')));
    assert.equal(retryIn, error.retryAfter);
    await until(() => states.at(-1).state === 'open');
    await reader.close();
    assert.equal(states.at(-1).state, 'closed');
  });

  it('is iterated over, and closed by leaving the loop', { timeout: 30_000 }, async () => {
    const reader = client(['sse']).subscribe('loop', { after: '0' });
    await direct.batch(['1', '2', '3'].map((data) => ({ topic: 'loop', data })));
    const heard = [];
    for await (const { data, cursor } of reader) {
      heard.push(data);
      if (data === '2') {
        assert.notEqual(reader.cursor, cursor, 'this one is not handled yet');
        break;
      }
    }
    assert.deepEqual(heard, ['1', '2']);
    await reader.closed;
    await until(() => proxy.open.sse === 0);
  });

  it('goes on when a handler throws, and says so', { timeout: 30_000 }, async () => {
    const heard = [];
    const errors = [];
    const onError = (error, message) => errors.push(`${error.message} at ${message.data}`);
    const reader = client(['sse']).subscribe('throws', { onError }, ({ data }) => {
      heard.push(data);
      if (data === '1') {
        throw new Error('no');
      }
    });
    await reader.ready;
    await direct.batch(['1', '2'].map((data) => ({ topic: 'throws', data })));
    await until(() => heard.length === 2);
    assert.deepEqual(errors, ['no at 1']);
    await reader.close();
  });

  it('remembers from one page to the next what works', { timeout: 30_000 }, async () => {
    const kept = new Map();
    const storage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    };
    proxy.fail({ refuseUpgrades: true });
    const first = client(undefined, { storage }).subscribe('remember', () => {});
    await until(() => kept.size === 1);
    await first.close();
    assert.equal(client(undefined, { storage }).technique, 'sse');
    proxy.fail({});
    const again = client(undefined, { storage, timing: { betterAfter: 100 } });
    const second = again.subscribe('remember', () => {});
    await until(() => again.technique === 'websocket');
    assert.equal(kept.size, 0);
    await second.close();
  });

  it('is present where it says while it reads, by each technique', { timeout: 60_000 }, async () => {
    const isPresent = async (technique) => {
      const place = `room/${technique}`;
      const topic = `$presence/${place}/Ada/tab 1`;
      const there = new Map();
      const watcher = direct.subscribe(`$presence/${place}/*/*`, { after: '0', only: 'latest' }, (message) =>
        there.set(message.topic, message.deleted ? undefined : message.data),
      );
      const presence = { place, as: 'Ada', device: 'tab 1' };
      const reader = client([technique]).subscribe('a', { presence }, () => {});
      const data = await until(() => there.get(topic));
      assert.deepEqual([data.place, data.as, data.device], [place, 'Ada', 'tab 1']);
      await reader.close();
      await until(() => there.get(topic) === undefined);
      assert.equal(there.size, 1);
      await watcher.close();
    };
    await Promise.all(['websocket', 'sse', 'longPoll', 'shortPoll'].map(isPresent));
  });

  it('says why it cannot be present', { timeout: 30_000 }, async () => {
    for (const technique of ['websocket', 'sse']) {
      const reader = client([technique]).subscribe(
        'a',
        { presence: { place: 'room', as: 'a/b' }, onError() {} },
        () => {},
      );
      await assert.rejects(reader.closed, /as: /);
    }
  });

  it('asks by the fetch that it is given', { timeout: 30_000 }, async () => {
    const asked = [];
    const counting = new Posthaste(server.url, {
      techniques: ['longPoll'],
      fetch: (url, init) => {
        asked.push(`${init.method ?? 'GET'} ${new URL(url).pathname}`);
        return fetch(url, init);
      },
    });
    clients.push(counting);
    const heard = [];
    const reader = counting.subscribe('asked', ({ data }) => heard.push(data));
    await reader.ready;
    await counting.publish('asked', 'x');
    await until(() => heard.length === 1);
    assert.equal(asked[0], 'GET /v1/updates');
    assert.ok(asked.includes('POST /v1/topics/asked'));
    await reader.close();
  });

  it('says who asks with every request, as of then', { timeout: 30_000 }, async () => {
    const shown = [];
    let tokens = 0;
    const posthaste = client(['sse'], {
      token: async () => `t${++tokens}`,
      fetch: (url, init) => {
        shown.push(init.headers.Authorization);
        return fetch(url, init);
      },
    });
    const heard = [];
    const reader = posthaste.subscribe('asks', ({ data }) => heard.push(data));
    await reader.ready;
    await posthaste.publish('asks', '1');
    await until(() => heard.length === 1);
    proxy.cut();
    await direct.publish('asks', '2');
    await until(() => heard.length === 2);
    assert.deepEqual(
      shown,
      shown.map((_, i) => `Bearer t${i + 1}`),
    );
    assert.ok(shown.length >= 3, 'the stream, the publication, and the stream that came back');
    await reader.close();

    const keyed = client(['shortPoll'], {
      token: 'ph_a_b',
      fetch: (url, init) => {
        assert.equal(init.headers.Authorization, 'Bearer ph_a_b');
        return fetch(url, init);
      },
    });
    await keyed.latest('asks');
  });

  it('says what is wrong with what it is told', async () => {
    assert.throws(() => new Posthaste('ftp://a'), /expected: http/);
    assert.throws(() => new Posthaste(), /expected: such as http/);
    assert.throws(() => new Posthaste(server.url, { techniques: ['pigeon'] }), /expected: some of websocket/);
    assert.throws(() => direct.subscribe([], () => {}), /expected: a topic/);
    await assert.rejects(direct.publish('..', 'x'), /expected: a string that a URL can hold/);
    const aborted = AbortSignal.abort(new Error('enough'));
    await assert.rejects(direct.publish('a', 'x', { signal: aborted }), /enough/);
    const gone = new Posthaste('http://127.0.0.1:9', { timing: { attempts: 2, firstRetry: 1 } });
    await assert.rejects(
      gone.publish('a', 'x'),
      (error) => error instanceof PosthasteError && error.status === 0 && error.isTemporary,
    );
    await gone.close();
    await assert.rejects(gone.latest('a'), /closed/);
  });

  for (const technique of ['websocket', 'sse', 'longPoll', 'shortPoll']) {
    it(`lets the process end once it is closed, by ${technique}`, { timeout: 30_000 }, async () => {
      const script = `
        import WebSocket from 'ws';
        import { Posthaste } from '@posthaste/client';
        const posthaste = new Posthaste('${proxy.url}', { WebSocket, techniques: ['${technique}'] });
        const reader = posthaste.subscribe('end', ({ data }) => posthaste.close().then(() => console.log(data)));
        await reader.ready;
        await posthaste.publish('end', 'bye');`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.on('data', (text) => (printed += text));
      const limit = setTimeout(() => child.kill(), 20_000);
      const [code] = await once(child, 'close');
      clearTimeout(limit);
      assert.deepEqual([code, printed.trim()], [0, 'bye']);
    });
  }
});

describe('the client of a server that knows who may what', () => {
  let server;

  before(async () => {
    server = await Server.start('--heartbeat', '1s');
    await server.operate('POST', 'users', { id: 'alice' });
  });

  after(() => server?.close());

  for (const technique of ['websocket', 'sse', 'longPoll', 'shortPoll']) {
    it(`shows who it is, and comes back with a new key, by ${technique}`, { timeout: 60_000 }, async () => {
      const made = async () => server.operate('POST', 'keys', { user: 'alice', name: technique });
      let key = await made();
      const posthaste = new Posthaste(server.url, {
        WebSocket,
        techniques: [technique],
        token: async () => key.secret,
        timing: QUICK,
      });
      const heard = [];
      const reader = posthaste.subscribe(`who/${technique}`, ({ data }) => heard.push(data));
      await reader.ready;
      await posthaste.publish(`who/${technique}`, '1');
      await until(() => heard.length === 1);
      const old = key;
      key = await made();
      await server.operate('DELETE', `keys/${old.key}`);
      await posthaste.publish(`who/${technique}`, '2');
      await until(() => heard.length === 2);
      await posthaste.close();

      const stranger = new Posthaste(server.url, {
        WebSocket,
        techniques: [technique],
        token: old.secret,
        timing: QUICK,
      });
      const refused = stranger.subscribe('who', { onError: () => {} }, () => {});
      await assert.rejects(refused.closed, (error) => error.code === 'unauthenticated');
      await stranger.close();
    });
  }
});

describe('the client that a server serves', () => {
  it('works in a page without a build, and comes back at once when the network does', { timeout: 60_000 }, async () => {
    const server = await Server.start();
    const proxy = await Proxy.start(() => server.port);
    const browser = await Chromium.start();
    try {
      const page = await browser.open(`${proxy.url}/client/posthaste.js`);
      await page.run(`import('/client/posthaste.js').then(async ({ Posthaste }) => {
        globalThis.heard = [];
        globalThis.states = [];
        const client = new Posthaste(undefined, { timing: { firstRetry: 600000, longestRetry: 600000 } });
        const onState = ({ state }) => states.push(state);
        const reader = client.subscribe('page', { onState }, ({ data }) => heard.push(data));
        await reader.ready;
        await client.publish('page', { n: 1 });
      })`);
      await until(() => page.run('heard.length === 1'));
      proxy.fail({ down: true });
      await until(() => page.run("states.at(-1) === 'waiting'"));
      proxy.fail({});
      await new Posthaste(server.url).publish('page', { n: 2 });
      await page.run("dispatchEvent(new Event('online'))");
      await until(() => page.run('heard.length === 2'));
      assert.deepEqual(await page.run('heard'), [{ n: 1 }, { n: 2 }]);
    } finally {
      await browser.close();
      await proxy.close();
      await server.close();
    }
  });
});

/** The value of something that has stopped changing. */
async function settled(look) {
  for (let last; ;) {
    const seen = look();
    if (seen === last) {
      return seen;
    }
    last = seen;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
