// The front: the bar, and whether the server answers.

import { Top } from './common/top.js';

const top = new Top('');

try {
  await fetch('/demo/clock', { cache: 'no-store' });
  top.server('up', location.host);
} catch {
  top.server('away', 'Server away');
}
