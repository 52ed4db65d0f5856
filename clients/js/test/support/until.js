import assert from 'node:assert/strict';
import { setTimeout as after } from 'node:timers/promises';

/** Looks again and again, until what it sees is right; gives that. */
export async function until(look, isRight = Boolean, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const seen = await look();
    if (isRight(seen)) {
      return seen;
    }
    if (Date.now() > end) {
      assert.fail(`still not so after ${seconds} s: ${isRight}; seen ${JSON.stringify(seen)}`);
    }
    await after(15);
  }
}
