// What went over the wire, as nearly as a page can tell.
//
// Exact: bodies of polls, WebSocket payloads with their frame heads, response heads of polls (a page
// sees all headers of its own server). Estimated: request heads (a page cannot see what the browser
// adds), heads of streams, heartbeats (invisible to a page, left out).

const utf8 = new TextEncoder();

export function bytesOf(text) {
  return utf8.encode(text).length;
}

const CLIENT_HINTS = navigator.userAgentData
  ? bytesOf(
      'sec-ch-ua: ' + navigator.userAgentData.brands.map((b) => `"${b.brand}";v="${b.version}"`).join(', ')
        + `\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "${navigator.userAgentData.platform}"\r\n`,
    )
  : 0;

const COMMON = bytesOf(
  `Host: ${location.host}\r\nConnection: keep-alive\r\nUser-Agent: ${navigator.userAgent}\r\n`
    + `Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: ${navigator.languages.join(',')};q=0.9\r\n`
    + 'Pragma: no-cache\r\nCache-Control: no-cache\r\n\r\n',
) + CLIENT_HINTS;

const FETCHED = bytesOf(
  'Accept: */*\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n',
);

const UPGRADE = bytesOf(
  `Origin: ${location.origin}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'x'.repeat(24)}\r\n`
    + 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: posthaste.v1.json\r\n',
);

/** The head of a GET, estimated. */
export function requestHead(path) {
  return bytesOf(`GET ${path} HTTP/1.1\r\n`) + COMMON + FETCHED;
}

/** The head of a WebSocket's opening and of its answer, estimated. */
export function upgradeHeads(path) {
  return bytesOf(`GET ${path} HTTP/1.1\r\n`) + COMMON + UPGRADE + 180;
}

/** The head of a stream's answer, estimated. */
export const STREAM_HEAD = 260;

/** The head of an answer to fetch, from the headers it shows. */
export function responseHead(response) {
  let bytes = `HTTP/1.1 ${response.status} ${response.statusText}\r\n\r\n`.length;
  for (const [name, value] of response.headers) {
    bytes += name.length + value.length + 4;
  }
  return bytes;
}

/** A body's piece with the framing of a chunked answer (RFC 9112, 7.1). */
export function chunk(bytes) {
  return bytes.toString(16).length + 4 + bytes;
}

/** A WebSocket payload with its frame's head (RFC 6455, 5.2). */
export function frame(bytes) {
  return bytes + (bytes < 126 ? 2 : bytes < 65536 ? 4 : 10);
}
