import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { Agent } from './support/agent.js';
import { BEHAVIOURS, run, SERVER_OPTIONS } from './support/behaviours.js';
import { Proxy } from './support/proxy.js';
import { Server } from './support/server.js';

describe('in Node', () => {
  const world = {
    open: async (urls, options) => new Agent(urls, { WebSocket: globalThis.WebSocket ?? WebSocket, ...options }),
  };

  before(async () => {
    world.proxies = [await Proxy.start(() => world.server.port), await Proxy.start(() => world.server.port)];
    world.server = await Server.start(...SERVER_OPTIONS);
  });

  after(async () => {
    await Promise.all(world.proxies.map((proxy) => proxy.close()));
    await world.server?.close();
  });

  for (const behaviour of BEHAVIOURS) {
    it(behaviour.title, { timeout: 60_000 }, () => run(behaviour, world));
  }
});
