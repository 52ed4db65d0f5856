/** An AbortSignal that follows others and a clock; `end` lets go of them. (AbortSignal.any is younger than Node 18.) */
export function deadline(millis, ...signals) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const followed = signals.filter((signal) => signal !== undefined);
  for (const signal of followed) {
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener('abort', abort);
  }
  const timer = millis === Infinity ? undefined : setTimeout(abort, millis);
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      followed.forEach((signal) => signal.removeEventListener('abort', abort));
    },
  };
}

/** As a promise or a value, unless a signal ends it first: Node 18's fetch forgets its own once garbage was collected. */
export function upTo(signal, promise) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason ?? new DOMException('over', 'AbortError'));
    signal.addEventListener('abort', abort);
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) {
      abort();
    }
  });
}

/** Waits; shorter if a signal says so. */
export function pause(millis, ...signals) {
  const { signal, end } = deadline(millis, ...signals);
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener('abort', resolve);
    }
  }).finally(end);
}

/**
 * How long to wait before the next attempt: doubled with each failure up to a limit, and a random half to all of it, so
 * that those whom one failure hit do not come back in step.
 *
 * @param {number} failures in a row, from 0
 */
export function backoff(failures, { firstRetry, longestRetry }) {
  return Math.min(longestRetry, firstRetry * 2 ** Math.min(failures, 30)) * (0.5 + Math.random() / 2);
}
