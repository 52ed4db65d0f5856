// The ways to wait: what each does, what it costs, and when to pick it. One text for all pages.

export const ADVICE = {
  'short-poll': {
    name: 'Short poll',
    how: 'Asks again and again, news or no news.',
    cost: 'On average it is late by half the interval, and most answers are empty.',
    pick: 'Pick it when seconds do not matter, or when nothing else gets through.',
  },
  'long-poll': {
    name: 'Long poll',
    how: 'Asks once; the server holds the question until there is news.',
    cost: 'Prompt, but each answer costs a whole request.',
    pick: 'Pick it for rare changes, as of a payment or a configuration: it passes every proxy.',
  },
  iframe: {
    name: 'Iframe',
    how: 'A hidden page that never finishes loading; each message is a script in it.',
    cost: 'Prompt and cheap, but the tab seems to load for ever and the page grows.',
    pick: 'Pick it for very old browsers only.',
  },
  sse: {
    name: 'Server-sent events',
    how: 'One answer that never ends, an event at a time.',
    cost: 'Prompt and cheap, resumes by itself, plain HTTP.',
    pick: 'Pick it first when news flows one way.',
  },
  websocket: {
    name: 'WebSocket',
    how: 'One connection, both ways, a few bytes around each message.',
    cost: 'The least overhead; needs proxies that let it through and care for reconnecting.',
    pick: 'Pick it when the page talks back a lot.',
  },
};
