// A reporter for node:test that writes what Maven's Surefire would, so that ./test counts these tests too.

import { hostname } from 'node:os';

export default async function* surefire(source) {
  const cases = [];
  for await (const { type, data } of source) {
    // A file, or a `describe`, is no test of its own unless it is what failed.
    const isGroup = data.details?.type === 'suite' || data.name?.endsWith('.test.js');
    const ofItsOwn = data.details?.error?.failureType !== 'subtestsFailed';
    if ((type === 'test:pass' && !isGroup) || (type === 'test:fail' && (!isGroup || ofItsOwn))) {
      cases.push({
        name: data.name,
        seconds: data.details.duration_ms / 1000,
        error: data.details.error,
        skipped: data.skip,
      });
    }
  }
  const failures = cases.filter(({ error }) => error !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield (
    `<testsuite name="clients/js" hostname="${hostname()}" time="${seconds.toFixed(3)}" tests="${cases.length}"` +
    ` errors="0" skipped="${skipped}" failures="${failures}">\n`
  );
  for (const { name, seconds: time, error, skipped: why } of cases) {
    yield `  <testcase classname="clients/js" name="${escaped(name)}" time="${time.toFixed(3)}">`;
    if (error !== undefined) {
      const { cause = error } = error;
      yield `<failure message="${escaped(cause.message ?? cause)}">${escaped(cause.stack ?? cause)}</failure>`;
    } else if (why !== undefined) {
      yield '<skipped/>';
    }
    yield '</testcase>\n';
  }
  yield '</testsuite>\n';
}

function escaped(text) {
  return String(text)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
}
