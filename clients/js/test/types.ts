// Compiled by the tests, never run: what applications write must be right by the types, and what is wrong, wrong.
import { Posthaste, PosthasteError, type Message } from '@posthaste/client';

const posthaste = new Posthaste(['http://one:8080', new URL('http://two:8080')], {
  techniques: ['websocket', 'sse'],
  timing: { hold: 10_000 },
  storage: null,
  fetch: (input, init) => fetch(input, init),
});

export async function use(): Promise<string | undefined> {
  const { id } = await posthaste.publish('a', { n: 1 }, { match: 'none', headers: { trace: '1' } });
  for (const answer of await posthaste.batch([{ topic: 'a', data: new Uint8Array(3) }])) {
    if (answer instanceof PosthasteError) {
      return answer.code;
    }
  }
  const subscription = posthaste.subscribe<{ n: number }>('a/#', { after: id }, (message) => message.data.n);
  posthaste.subscribe(['a', 'b'], async ({ topic }: Message) => topic);
  for await (const message of posthaste.subscribe<string>(new Set(['c']), {
    last: 3,
    onMissed: ([gap]) => gap?.from,
  })) {
    await posthaste.consumer('me').ack(message);
    message.data.toUpperCase();
  }
  posthaste.subscribe('a', { presence: { place: 'room', as: 'Ada', device: 'phone' } }, () => {});
  const configs = posthaste.configs({ group: 'shop' });
  const flags = await configs.get('flags.json');
  await configs.publish('flags.json', '{}', { comment: 'off', match: flags?.id ?? 'none' });
  configs.listen(['flags.json'], ({ name, content }) => [name, content?.length]);
  const changed = await posthaste.waitForChange<number>('a', { id, wait: 10 });
  await subscription.close();
  return changed?.data.toFixed();
}

// @ts-expect-error there is no such technique
new Posthaste('http://one', { techniques: ['carrier pigeon'] });
// @ts-expect-error a topic is text
posthaste.publish(1, 'x');
// @ts-expect-error who is present is somebody
posthaste.subscribe('a', { presence: { place: 'room' } });
// @ts-expect-error numbers are no cursors
posthaste.subscribe('a', { after: 0 });
// @ts-expect-error a config is text
posthaste.configs().publish('flags.json', { on: true });
