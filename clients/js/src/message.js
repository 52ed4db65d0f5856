/** A message as applications see it, of the server's JSON: binary data as bytes, and the cursor after it. */
export function received({ op, next, encoding, ...message }, cursor = next ?? message.id) {
  if (encoding === 'base64') {
    message.data = decoded(message.data);
  }
  message.cursor = cursor;
  return message;
}

/** A line of a batch, of what an application publishes. */
export function line({ topic, data, type, headers, key, match }) {
  if (typeof topic !== 'string') {
    throw new TypeError(`topic: ${topic} (expected: a string)`);
  }
  const bytes = asBytes(data);
  if (bytes !== undefined) {
    type ??= 'application/octet-stream';
    return JSON.stringify({ topic, data: encoded(bytes), encoding: 'base64', type, headers, key, match });
  }
  return JSON.stringify({ topic, data: data === undefined ? null : data, type, headers, key, match });
}

/** A request's body and Content-Type, of what an application publishes. */
export function body(data, type) {
  const bytes = asBytes(data);
  if (bytes !== undefined) {
    return { body: bytes, type: type ?? 'application/octet-stream' };
  }
  if (typeof data === 'string') {
    return { body: data, type: type ?? 'text/plain; charset=utf-8' };
  }
  return { body: JSON.stringify(data === undefined ? null : data), type: type ?? 'application/json' };
}

/** Whether a Content-Type says JSON. */
export function isJson(type) {
  return /^(application\/json|text\/json|[^;]*\+json)\s*(;|$)/i.test(type);
}

/** Whether a Content-Type says text. */
export function isText(type) {
  return type === '' || /^(text\/|application\/(xml|yaml|x-www-form-urlencoded)|[^;]*\+(xml|yaml))/i.test(type);
}

function asBytes(data) {
  if (data instanceof ArrayBuffer) {
    return new Uint8Array(data);
  }
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
}

function encoded(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(''));
}

function decoded(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
