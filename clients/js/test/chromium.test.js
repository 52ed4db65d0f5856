import { after, before, describe, it } from 'node:test';
import { BEHAVIOURS, run, SERVER_OPTIONS } from './support/behaviours.js';
import { Chromium } from './support/chromium.js';
import { Proxy } from './support/proxy.js';
import { remoteAgent } from './support/remote.js';
import { Server } from './support/server.js';

describe('in Chromium', () => {
  // What works is remembered from page to page; here each behaviour begins with nothing.
  const world = { open: (urls, options) => remoteAgent(world.browser, urls, { storage: null, ...options }) };

  before(async () => {
    world.proxies = [await Proxy.start(() => world.server.port), await Proxy.start(() => world.server.port)];
    const origins = world.proxies.flatMap(({ url }) => ['--cors', url]);
    world.server = await Server.start(...SERVER_OPTIONS, ...origins);
    world.browser = await Chromium.start();
  });

  after(async () => {
    await world.browser?.close();
    await Promise.all(world.proxies.map((proxy) => proxy.close()));
    await world.server?.close();
  });

  for (const behaviour of BEHAVIOURS) {
    it(behaviour.title, { timeout: 60_000 }, () => run(behaviour, world));
  }
});
