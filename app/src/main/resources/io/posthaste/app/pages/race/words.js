// What a message says, in a line.

import { bytesText } from '../common/scale.js';

/** A message's text for a lane. */
export function textOf(message) {
  if (message.deleted) {
    return `${message.topic} deleted`;
  }
  const data = message.data;
  if (data?.from === 'machine') {
    return machine(data);
  }
  if (typeof data?.text === 'string') {
    return data.text;
  }
  if (message.encoding) {
    return `${message.topic}: bytes of ${message.type}`;
  }
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return text.slice(0, 300);
}

function machine(data) {
  const words = [];
  if (data.load >= 0) {
    words.push(`load ${data.load.toFixed(2)}`);
  }
  if (data.memory >= 0) {
    words.push(`mem ${Math.round(data.memory)}%`);
  }
  if (data.down >= 0) {
    words.push(`↓${bytesText(data.down)} ↑${bytesText(data.up)}`);
  }
  return words.join(' · ');
}
