import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventStream } from '../src/event-stream.js';

const SAMPLE =
  '\uFEFFretry: 3000\n\nid: a\n\n: comment\r\nid: b\r\nevent: missed\r\ndata: {"x":1}\r\n\r\n' +
  'data:one\rdata: two\r\rid\ndata\n\nid: nul\0\ndata: 世界 🌍\n\nunknown: x\n\nretry: soon\n\nevent: none\n\ndata: unfinished';
const EVENTS = [
  { event: 'retry', retry: 3000 },
  { event: 'message', data: undefined, id: 'a' },
  { event: 'missed', data: '{"x":1}', id: 'b' },
  { event: 'message', data: 'one\ntwo', id: undefined },
  { event: 'message', data: '', id: '' },
  { event: 'message', data: '世界 🌍', id: undefined },
];

/** Random numbers that are the same each time: below n. */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

describe('the parser of event streams', () => {
  it('finds the same events however the text is cut', () => {
    const roll = dice(17);
    for (let round = 0; round < 500; round++) {
      const events = new EventStream(1_000);
      const found = [];
      for (let at = 0; at < SAMPLE.length;) {
        const to = at + 1 + roll(round % 20 === 0 ? 1 : 12);
        found.push(...events.push(SAMPLE.slice(at, to)));
        at = to;
      }
      assert.deepEqual(found, EVENTS, `round ${round}`);
    }
  });

  it('survives whatever it is given', () => {
    const roll = dice(4711);
    const parts = [
      'data',
      'id',
      'event',
      'retry',
      ':',
      ' ',
      '\r',
      '\n',
      '\r\n',
      '\0',
      '\uFEFF',
      '9',
      'é',
      '\ud83c',
      '{}',
    ];
    for (let round = 0; round < 2_000; round++) {
      const events = new EventStream(10_000);
      for (let i = 0; i < 40; i++) {
        for (const { event, data, id, retry } of events.push(parts[roll(parts.length)].repeat(1 + roll(3)))) {
          assert.equal(typeof event, 'string');
          assert.ok(data !== undefined || id !== undefined || Number.isInteger(retry));
        }
      }
    }
  });

  it('holds no more than an event may have', () => {
    const lines = new EventStream(100);
    assert.throws(() => lines.push('data: ' + 'x'.repeat(100)), RangeError);
    const fields = new EventStream(100);
    assert.throws(() => {
      for (let i = 0; i < 20; i++) {
        fields.push('data: 0123456789\n');
      }
    }, RangeError);
  });
});
