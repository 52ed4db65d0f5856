// Listens to a topic over Posthaste's TCP door. Usage: node listen.mjs HOST PORT TOPIC [COUNT]
import { connect } from 'node:net';

// ---- protobuf, as far as it is needed: varints, and fields that have a length ----

const varint = (n) => (n < 128 ? Buffer.of(n) : Buffer.concat([Buffer.of((n % 128) | 128), varint(Math.floor(n / 128))]));
const sized = (data) => Buffer.concat([varint(data.length), data]);
const field = (number, ...data) =>
  Buffer.concat([varint(number * 8 + 2), sized(Buffer.concat(data.map((each) => Buffer.from(each))))]);

/** A varint and where it ends; undefined if it is not all there yet. */
function readVarint(bytes, at) {
  for (let n = 0, unit = 1; at < bytes.length; unit *= 128) {
    const byte = bytes[at++];
    n += (byte & 127) * unit;
    if (byte < 128) return [n, at];
  }
}

/** A message's fields by their numbers; of a repeated one the last. */
function fields(bytes) {
  const found = {};
  for (let at = 0, tag, value; at < bytes.length; found[tag >> 3] = value) {
    [tag, at] = readVarint(bytes, at);
    let length = { 1: 8, 5: 4 }[tag & 7];
    if (length === undefined) [length, at] = readVarint(bytes, at);
    if ((tag & 7) === 0) value = length;
    else value = bytes.subarray(at, (at += length));
  }
  return found;
}

// ---- the conversation ----

const [host, port, topic, count = Infinity] = process.argv.slice(2);
let left = Number(count);
let received = Buffer.alloc(0);
const socket = connect(Number(port), host);
const send = (...parts) => socket.write(sized(Buffer.concat(parts)));

send(field(2, field(1, 'posthaste.v1'), field(2, 'listen.mjs'))); // Hello
send(Buffer.of(8, 1), field(3, field(1, topic))); // ref 1, Subscribe

socket.on('data', (bytes) => {
  received = Buffer.concat([received, bytes]);
  for (let head = readVarint(received, 0); head; head = readVarint(received, 0)) {
    const [length, at] = head;
    if (received.length < at + length) return;
    const frame = fields(received.subarray(at, at + length));
    received = received.subarray(at + length);
    if (frame[4]) {
      const message = fields(frame[4]);
      console.log(`${message[2]} ${message[6] ?? ''}`); // id, payload
      if (--left === 0) return socket.destroy();
    } else if (frame[6]) {
      console.log(`ready ${fields(frame[6])[1] ?? ''}`); // Done: what is published from now on will come
    } else if (frame[7]) {
      console.error(`${fields(frame[7])[3]}`); // Error
      process.exitCode = 1;
      return socket.destroy();
    } else if (frame[8]) {
      send(field(11)); // Ping: say that we are here
    }
  }
});
socket.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
