// The five ways to wait. Each opens with a link and returns a function that lets go:
//
//   link.url(parameters)            the address, with the topics and the lane's cursor
//   link.opened()                   the server has answered, or holds the request
//   link.deliver(message, cursor)   a message, and where the lane stands after it
//   link.moved(cursor)              where it stands without one
//   link.missed(gaps, cursor)       the server no longer keeps what the lane lacks
//   link.spent(requests, bytes)     what that cost
//   link.ended(why)                 it is over; null: as it should be, else what went wrong. Once.

import { ADVICE } from '../common/advice.js';
import { STREAM_HEAD, bytesOf, chunk, frame, requestHead, responseHead, upgradeHeads } from '../common/bytes.js';

const HELD_SECONDS = 25;

/** Asks once; gives the page, or throws what is wrong. */
async function ask(link, parameters, signal) {
  const url = link.url(parameters);
  const response = await fetch(url, { cache: 'no-store', signal });
  const text = await response.text();
  link.spent(1, requestHead(url) + responseHead(response) + bytesOf(text));
  if (!response.ok) {
    throw new Error(`the server answered ${response.status}`);
  }
  const page = JSON.parse(text);
  link.opened();
  if (page.missed) {
    link.missed(page.gaps, undefined);
  }
  for (const message of page.messages) {
    link.deliver(message, undefined);
  }
  link.moved(page.next);
  return page;
}

/** Asks again and again. */
function polling(link, parameters, pause) {
  const gone = new AbortController();
  const loop = async () => {
    try {
      while (!gone.signal.aborted) {
        const page = await ask(link, parameters, gone.signal);
        if (!page.more) {
          await pause(gone.signal);
        }
      }
    } catch (failure) {
      if (!gone.signal.aborted) {
        link.ended(failure instanceof TypeError ? 'no answer' : failure.message);
      }
    }
  };
  loop();
  return () => gone.abort();
}

function shortPoll(link) {
  return polling(link, { limit: 1000 }, (signal) => link.interval(signal));
}

function longPoll(link) {
  // A held request says nothing until there is news, so the lane counts as open once it is sent.
  const close = polling(link, { limit: 1000, wait: HELD_SECONDS }, () => undefined);
  link.opened();
  return close;
}

let frames = 0;

function foreverFrame(link) {
  // The name is new each time, so that a frame on its way out calls nothing.
  const name = `raceFrame${++frames}`;
  const url = link.url({ format: 'frame', callback: `parent.${name}` });
  const element = document.createElement('iframe');
  let first = true;
  window[name] = (told) => {
    if (first) {
      first = false;
      link.opened();
      link.spent(0, element.contentDocument.documentElement.outerHTML.length);
    } else {
      const text = JSON.stringify(told).replaceAll('<', '\\u003c');
      link.spent(0, chunk(bytesOf(`<script>parent.${name}(${text})</script>\n`)));
    }
    if (told.missed) {
      link.missed(told.gaps, told.next);
    } else if (told.topic) {
      link.deliver(told, told.next ?? told.id);
    } else if (told.next) {
      link.moved(told.next);
    }
  };
  const close = () => {
    element.remove();
    delete window[name];
  };
  // A forever frame loads for ever; when it has loaded, the server has ended it or is not there.
  element.addEventListener('load', () => {
    close();
    link.ended(first ? 'no answer' : null);
  });
  element.title = 'Messages arriving through a forever frame';
  element.setAttribute('aria-hidden', 'true');
  element.tabIndex = -1;
  element.className = 'forever-frame';
  element.src = url;
  document.body.append(element);
  link.spent(1, requestHead(url) + STREAM_HEAD);
  return close;
}

function serverSentEvents(link) {
  const url = link.url({});
  const source = new EventSource(url);
  link.spent(1, requestHead(url) + STREAM_HEAD);
  const arrived = (event, fields) => {
    link.spent(0, chunk(bytesOf(`${fields}id: ${event.lastEventId}\ndata: ${event.data}\n\n`)));
    return JSON.parse(event.data);
  };
  source.addEventListener('open', () => link.opened());
  source.addEventListener('message', (event) => link.deliver(arrived(event, ''), event.lastEventId));
  source.addEventListener('missed', (event) =>
    link.missed(arrived(event, 'event: missed\n').gaps, event.lastEventId),
  );
  // An EventSource would come back by itself; the lane does it, so that all lanes do it alike.
  source.addEventListener('error', () => {
    const heard = source.readyState === EventSource.CONNECTING;
    source.close();
    link.ended(heard ? 'the stream ended' : 'no answer');
  });
  return () => source.close();
}

function webSocket(link) {
  const url = link.url({});
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'posthaste.v1.json');
  let closed = false;
  link.spent(1, upgradeHeads(url));
  socket.addEventListener('open', () => link.opened());
  socket.addEventListener('message', (event) => {
    if (closed) {
      return;
    }
    link.spent(0, frame(bytesOf(event.data)));
    const told = JSON.parse(event.data);
    switch (told.op) {
      case 'message':
        link.deliver(told, told.next ?? told.id);
        break;
      case 'missed':
        link.missed(told.gaps, told.next);
        break;
      case 'done':
        if (told.next) {
          link.moved(told.next);
        }
        break;
      case 'error':
        closed = true;
        socket.close();
        link.ended(told.message);
        break;
      default: // what a later server may say
    }
  });
  socket.addEventListener('close', () => {
    if (!closed) {
      closed = true;
      link.ended('the socket closed');
    }
  });
  return () => {
    closed = true;
    socket.close();
  };
}

export const TECHNIQUES = [
  { key: 'short-poll', open: shortPoll },
  { key: 'long-poll', open: longPoll },
  { key: 'iframe', open: foreverFrame },
  { key: 'sse', open: serverSentEvents },
  { key: 'websocket', open: webSocket },
].map((technique) => ({ ...technique, ...ADVICE[technique.key] }));
