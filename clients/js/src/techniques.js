// The ways to wait, best first. Each runs with a link until it ends, or throws why it does not work:
//
//   link.query(more)        the parameters that say what to read from where, as the link stands now
//   link.start()            the same as fields of a WebSocket's subscribe
//   link.presence           the fields of its join; undefined if nobody is to be present
//   link.opened()           it works
//   link.heard()            there is life at the other end
//   link.message(json, characters)   link.missed(json)   link.place(cursor)   what it brought
//   link.toldRetry(millis)  when to come back
//   link.onPing(send)       how to ask for a sign of life; undefined: not any more
//   link.isFull, link.room()         whether there is room for more, and when
//   link.servers, link.url, link.signal, link.timing, link.hold, link.probes

import { EventStream } from './event-stream.js';
import { PosthasteError } from './error.js';

/** Asks once, and is given what is there. */
export async function ask(link, more = {}, timeout = link.timing.openTimeout) {
  const url = `${link.url}/v1/updates?${link.query(more)}`;
  const { page, characters } = await link.servers.once(url, { signal: link.signal, timeout }, async (response) => {
    const text = await response.text();
    return { page: JSON.parse(text), characters: text.length };
  });
  if (typeof page?.next !== 'string' || !Array.isArray(page.messages)) {
    throw new PosthasteError(`${link.url} answered something else than messages; is it a Posthaste?`);
  }
  link.heard();
  if (page.missed) {
    link.missed(page);
  }
  // Within a page only the reader of one partition can go on from a message's id; another goes on from before the page.
  const before = page.messages.at(-1)?.id === page.next ? undefined : link.cursor;
  for (const message of page.messages) {
    link.message(message, characters / page.messages.length, before);
  }
  link.place(page.next);
  return page;
}

async function shortPoll(link) {
  while (!link.signal.aborted) {
    const page = await ask(link);
    link.opened();
    await link.room();
    if (!page.more) {
      await link.rest(link.timing.interval * (0.8 + 0.4 * Math.random()));
    }
  }
}

async function longPoll(link) {
  if (link.cursor === undefined) {
    await ask(link);
  }
  while (!link.signal.aborted) {
    const hold = Math.min(link.hold.millis, link.probes ? link.timing.probeHold : Infinity);
    const begun = Date.now();
    try {
      await ask(link, { wait: (hold / 1000).toFixed(3) }, hold + link.timing.openTimeout);
      link.opened();
    } catch (error) {
      // Browsers may have asked twice before they say so.
      const held = Math.min(Date.now() - begun, hold);
      if (link.signal.aborted || !error.isTemporary || held < link.timing.shortestHold) {
        throw error;
      }
      // Something on the way may not let it be held so long. If a plain request passes, it was that.
      await ask(link);
      link.hold.millis = held * 0.6;
      if (link.hold.millis < link.timing.shortestHold) {
        throw error;
      }
    }
    await link.room();
  }
}

async function eventStream(link) {
  const url = `${link.url}/v1/updates?${link.query()}`;
  const init = { signal: link.signal, timeout: Infinity, headers: { Accept: 'text/event-stream' } };
  await link.servers.once(url, init, async (response) => {
    const type = response.headers.get('Content-Type') ?? 'nothing';
    if (!type.startsWith('text/event-stream')) {
      throw new PosthasteError(`${link.url} answered ${type} (expected: text/event-stream)`);
    }
    const source = response.body.getReader();
    const decoder = new TextDecoder();
    const events = new EventStream(link.timing.longestMessage);
    link.signal.addEventListener('abort', () => source.cancel().catch(() => {})); // which read() may not hear
    for (;;) {
      const { done, value } = await source.read();
      if (done) {
        return;
      }
      link.heard();
      for (const event of events.push(decoder.decode(value, { stream: true }))) {
        take(link, event);
      }
      await link.room();
    }
  });
}

function take(link, { event, data, id, retry }) {
  if (retry !== undefined) {
    link.toldRetry(retry);
  } else if (data === undefined) {
    link.place(id);
    link.opened();
  } else if (event === 'missed') {
    link.missed(JSON.parse(data));
  } else if (event === 'message') {
    link.message(JSON.parse(data), data.length, id);
  }
}

const JOIN = 'join'; // the ref of a WebSocket's presence
const AUTH = 'auth'; // the ref of who asks
const STATUS = { malformed: 400, unauthenticated: 401, forbidden: 403 };

async function webSocket(link) {
  const token = await link.servers.token(); // a browser's WebSocket has no headers: it says so first of all
  return new Promise((resolve, reject) => {
    const { signal } = link;
    const socket = new link.WebSocket(`${link.url.replace(/^http/, 'ws')}/v1/updates`, 'posthaste.v1.json');
    let ref = 0; // of the reader that is wanted now
    let reads = false; // whether that reader has begun: what arrives before is of another
    const send = (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame));
    const begin = () => {
      if (link.presence !== undefined) {
        send({ op: 'join', ref: JOIN, ...link.presence });
      }
      subscribe();
    };
    const subscribe = () => send({ op: 'subscribe', ref: ++ref, ...link.start() });

    // A socket cannot be told to wait. So when there is no room the reader is given up, and taken up where it was.
    const makeRoom = () => {
      reads = false;
      send({ op: 'unsubscribe', ref });
      link.room().then(subscribe);
    };
    const end = (error) => {
      signal.removeEventListener('abort', leave);
      link.onPing(undefined);
      socket.close();
      if (error === undefined) {
        resolve();
      } else {
        reject(error);
      }
    };
    const leave = () => end();
    const frame = (told, characters) => {
      switch (told.op) {
        case 'message':
          if (reads) {
            link.message(told, characters);
          }
          break;
        case 'done':
          if (told.ref === AUTH) {
            begin();
          } else if (told.ref === ref && told.next !== undefined) {
            reads = true;
            link.place(told.next);
            link.opened();
          }
          break;
        case 'missed':
          if (told.ref === ref) {
            link.missed(told);
          }
          break;
        case 'error':
          if ((told.ref === ref && told.code !== 'unknownRef') || told.ref === JOIN || told.ref === AUTH) {
            end(new PosthasteError(told.message, { status: STATUS[told.code] ?? 503, code: told.code }));
          }
          break;
        default: // a pong, or what a later server may say
      }
      if (reads && link.isFull) {
        makeRoom();
      }
    };
    socket.addEventListener('open', () => {
      link.onPing(() => send({ op: 'ping' }));
      if (token === undefined) {
        begin();
      } else {
        send({ op: 'auth', ref: AUTH, token });
      }
    });
    socket.addEventListener('message', ({ data }) => {
      if (signal.aborted) {
        return;
      }
      link.heard();
      try {
        frame(JSON.parse(data), data.length);
      } catch (error) {
        end(new PosthasteError(`${link.url} said what is no frame of Posthaste: ${error.message}`, { cause: error }));
      }
    });
    socket.addEventListener('error', () => {}); // a close follows
    socket.addEventListener('close', ({ code, reason }) => {
      const after = /in ([0-9]+) ms/.exec(reason);
      const retryAfter = after === null ? undefined : Number(after[1]);
      end(new PosthasteError(`the WebSocket closed with ${code}${reason && `: ${reason}`}`, { retryAfter }));
    });
    signal.addEventListener('abort', leave);
    if (signal.aborted) {
      leave();
    }
  });
}

/** By name; `isWatched`: whether silence means that it is broken. */
export const TECHNIQUES = {
  websocket: { run: webSocket, isWatched: true },
  sse: { run: eventStream, isWatched: true },
  longPoll: { run: longPoll, isWatched: false },
  shortPoll: { run: shortPoll, isWatched: false },
};
