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

/** What a promise gives, or after so many seconds a failure that says what was waited for. */
export async function soon(promise, what, seconds = 30) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `not within ${seconds} s: ${what()}` })),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
