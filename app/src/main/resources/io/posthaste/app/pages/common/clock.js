// The server's clock as this page sees it, in milliseconds since 1970 with fractions.
//
// Page and server usually share a machine and so a clock; then there is nothing to correct. Whether
// they do is asked, not assumed: the best of several round trips tells how far the clocks are apart,
// give or take half of its time. Only if they are apart by more than that is it corrected.

const ROUND_TRIPS = 6;
const COARSE = 0.2; // what browsers round their clocks to, both readings together

/** This machine's clock. The page's own is finer than Date but does not follow when it is set. */
function here(drift) {
  return performance.timeOrigin + performance.now() + drift;
}

/** How far the page's clock has drifted from the machine's. Date cuts off below a millisecond. */
function drift() {
  let most = -Infinity;
  const until = performance.now() + 3;
  while (performance.now() < until) {
    most = Math.max(most, Date.now() - here(0));
  }
  return Math.abs(most) < 0.5 ? 0 : most;
}

export class Clock {
  #drift = 0;
  #offset = 0;
  /** In words, for the page. */
  how = 'not compared yet';

  now() {
    return here(this.#drift) + this.#offset;
  }

  /** Compares the clocks anew; the old correction stays if the server cannot be asked. */
  async compare() {
    this.#drift = drift();
    let best = { trip: Infinity, offset: 0 };
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const asked = here(this.#drift);
      const answer = await fetch('/demo/clock', { cache: 'no-store' });
      const told = here(this.#drift);
      const { micros } = await answer.json();
      const trip = told - asked;
      if (trip < best.trip) {
        best = { trip, offset: micros / 1000 - (asked + told) / 2 };
      }
    }
    const unsure = best.trip / 2 + COARSE;
    if (Math.abs(best.offset) <= unsure) {
      this.#offset = 0;
      this.how = `page and server read the same clock (compared: no difference beyond the ±${unsure.toFixed(1)} ms that a round trip can tell)`;
    } else {
      this.#offset = best.offset;
      const direction = best.offset > 0 ? 'ahead of' : 'behind';
      this.how = `the server’s clock is ${Math.abs(best.offset).toFixed(1)} ms ${direction} this page’s, ±${unsure.toFixed(1)} ms; latencies are corrected by that`;
    }
  }
}
