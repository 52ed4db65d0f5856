/** What can be published, and what comes: JSON, text, or bytes (which come as `Uint8Array`). */
export type Data = unknown;

/** The ways to wait, best first. */
export type Technique = 'websocket' | 'sse' | 'longPoll' | 'shortPoll';

/** A message that was received. */
export interface Message<T = any> {
  topic: string;
  /** Its place in the log: opaque. */
  id: string;
  /** When it was taken: RFC 3339, in UTC. */
  at: string;
  /** Its Content-Type, if it has one. */
  type?: string;
  headers?: Record<string, string>;
  /** By its type: what the JSON says, a string, or a `Uint8Array`. Absent if the topic was deleted. */
  data: T;
  /** Whether this says that the topic was deleted. */
  deleted?: true;
  /** Where to go on from after it. */
  cursor: string;
}

/** What was published. */
export interface Published {
  topic: string;
  id: string;
  at: string;
}

/** The latest of a topic. */
export interface Latest<T = any> {
  topic: string;
  id: string;
  type?: string;
  data: T;
  deleted: boolean;
}

/** Messages that are no longer kept: of which topic or pattern, and where messages go on. */
export interface Gap {
  topic: string;
  from: string;
}

/** What a poll found. */
export interface Page<T = any> {
  messages: Message<T>[];
  /** Where to go on from. */
  next: string;
  /** Whether further messages were there. */
  more: boolean;
  missed: boolean;
  gaps: Gap[];
}

/** Where to begin; at most one of `after`, `last` and `consumer`. With none of them: now. */
export interface Start {
  /** After a cursor or an id; `'0'`: with all that is kept; `'@2026-11-22T10:00:00Z'`: since then. */
  after?: string;
  /** With the newest so many, 1 to 1,000. */
  last?: number;
  /** Where this consumer stands. */
  consumer?: string;
  /** Skip to the newest of each topic whenever behind. */
  only?: 'latest';
}

/** Where somebody is while he reads, as others see in the topics `$presence/PLACE/AS/DEVICE`. */
export interface Presence {
  place: string;
  /** Who he says he is. */
  as: string;
  /** Which of his several devices or tabs; by default each connection is one of its own. */
  device?: string;
}

export interface Cancellable {
  signal?: AbortSignal;
}

/** How a subscription is. */
export interface State {
  state: 'connecting' | 'open' | 'waiting' | 'closed';
  technique: Technique;
  /** The server in use. */
  url: string;
  /** While it waits: what went wrong, */
  error?: PosthasteError;
  /** and in how many milliseconds it tries again. */
  retryIn?: number;
}

export interface SubscribeOptions extends Start, Cancellable {
  /** Where to be present for as long as it reads. Such a reader shares its connection with no other tab. */
  presence?: Presence;
  /** Is told that messages were missed, in their place in the order. By default that is logged with `console.warn`. */
  onMissed?: (gaps: Gap[], subscription: Subscription) => void;
  /**
   * Is told what a handler threw, with the message, which counts as handled; and what ended the subscription, without one.
   * By default it is thrown as an uncaught error.
   */
  onError?: (error: unknown, message?: Message) => void;
  /** Is told how the connection is, whenever that changes. */
  onState?: (state: State) => void;
}

/** Is given each message once, in order, the next when this one is done: a promise that is returned is awaited. */
export type Handler<T = any> = (message: Message<T>, subscription: Subscription<T>) => unknown;

/** A reader of topics. Without a handler, it is iterated over; to leave the loop closes it. */
export interface Subscription<T = any> extends AsyncIterable<Message<T>> {
  /** The cursor after what was handled last: where to go on from some other time. */
  readonly cursor: string | undefined;
  /** Resolves when it has begun: what is published from then on will come. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended; rejects with what ended it if that was not `close`. */
  readonly closed: Promise<void>;
  /**
   * Ends it: nothing else is given. Resolves when its connection is closed; `closed` waits for what is being handled too.
   */
  close(): Promise<void>;
}

export interface PublishOptions extends Cancellable {
  /** The Content-Type; by default text for strings, `application/octet-stream` for bytes, JSON for anything else. */
  type?: string;
  headers?: Record<string, string>;
  /** The idempotency key; by default a new one, so that retries are harmless. */
  key?: string;
  /** Only if this id is the latest; `'*'`: only if there is one; `'none'`: only if there is none. */
  match?: string;
}

/** A message of a batch. */
export interface Publication extends Omit<PublishOptions, 'signal'> {
  topic: string;
  data: Data;
}

/** A named cursor that the server remembers. */
export interface Consumer {
  readonly name: string;
  /** Where it stands; undefined if there is none of this name. */
  cursor(options?: Cancellable): Promise<string | undefined>;
  /** Moves it, forward only: all up to this message or cursor is done. */
  ack(upTo: Message | string, options?: Cancellable): Promise<void>;
  /** Makes the server forget it. */
  forget(options?: Cancellable): Promise<void>;
}

/** A version of a config. */
export interface Config {
  namespace: string;
  group: string;
  name: string;
  /** The version: opaque, for `match`. */
  id: string;
  /** When it was taken: RFC 3339, in UTC. */
  at: string;
  /** What is said about it: `format`, `author`, `comment` … */
  headers: Record<string, string>;
  /** Absent if the config was deleted. */
  content?: string;
  deleted: boolean;
}

/** Configs of one group. */
export interface Configs {
  /** The newest version; undefined if there is none, or it was deleted. */
  get(name: string, options?: Cancellable): Promise<Config | undefined>;
  /** Publishes a version; its format is what the name ends in, unless said. */
  publish(
    name: string,
    content: string,
    options?: { format?: string; author?: string; comment?: string } & Omit<PublishOptions, 'type' | 'headers'>,
  ): Promise<Published>;
  /** Deletes one; tells whether there was something. */
  delete(name: string, options?: { match?: string } & Cancellable): Promise<boolean>;
  /** Is given the newest version of each, then each newer one: those in between are skipped whenever it is behind. */
  listen(names: string | Iterable<string>, options: ListenOptions, handler: (config: Config) => unknown): Subscription;
  listen(names: string | Iterable<string>, handler: (config: Config) => unknown): Subscription;
}

export type ListenOptions = Omit<SubscribeOptions, keyof Start>;

/** Times in milliseconds. */
export interface Timing {
  /** Limit of a request (30,000). */
  timeout?: number;
  /** How often a request is tried, all together (5). */
  attempts?: number;
  /** The first back-off; each next one is twice as long, (500) */
  firstRetry?: number;
  /** up to this (30,000). */
  longestRetry?: number;
  /** Until a technique must have shown that it works (8,000). */
  openTimeout?: number;
  /** Silence beyond which a stream is taken for broken (60,000); longer than two of the server's heartbeats. */
  silence?: number;
  /** How long a long poll is held (25,000). */
  hold?: number;
  /** Between short polls (5,000). */
  interval?: number;
  /** Until better techniques are tried again (60,000); then twice as long, and so on, up to ten times. */
  betterAfter?: number;
}

export interface Options {
  /** The techniques that may be used, best first; by default all. */
  techniques?: Technique[];
  /** Sent with every request, but not by a browser's WebSocket, which cannot. */
  headers?: Record<string, string>;
  /**
   * Who asks: a key or a token, or what gives it, asked before every request and so after each time that the server ended
   * a stream because a token had expired. Never part of a URL: a WebSocket says it in its first frame. Tabs do not share a
   * connection then, unless `share` says so.
   */
  token?: string | (() => string | Promise<string>);
  /** Where the runtime has no WebSocket (Node before 22): one, such as that of `ws`. */
  WebSocket?: new (url: string, protocol: string) => any;
  timing?: Timing;
  /** What asks instead of the runtime's `fetch`, as to go through a proxy or to count. */
  fetch?: typeof fetch;
  /** What may wait for a slow handler (256 messages, 4,194,304 characters); then reading stops until half is done. */
  buffer?: { messages?: number; characters?: number };
  /**
   * Whether tabs of a browser that read the same, of the same servers with the same headers, have one connection together
   * (true, where the browser can: in a secure context).
   */
  share?: boolean;
  /** Where to remember the technique that works; by default, in browsers, `localStorage`. null: nowhere. */
  storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
}

/** What the server refused, or what kept a request from being answered. */
export class PosthasteError extends Error {
  /** HTTP's; 0 if there was no answer. */
  readonly status: number;
  /** The server's word for it, such as `conditionFailed`. */
  readonly code?: string;
  /** Where a condition failed: the latest's id. */
  readonly latest?: string;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter?: number;
  /** Whether the same request may succeed later. */
  get isTemporary(): boolean;
}

/** A client of one Posthaste, or of several nodes that serve the same. */
export class Posthaste {
  /**
   * @param url where it is, or where they are, the preferred first; in a page by default where the page is from
   */
  constructor(url?: string | URL | (string | URL)[], options?: Options);

  /** The technique that is in use, or would be. */
  readonly technique: Technique;

  /** Publishes; resolves when it is stored. Tried again where that is harmless. */
  publish(topic: string, data: Data, options?: PublishOptions): Promise<Published>;

  /** Publishes several, in order; an answer for each. One that is refused does not stop the others. */
  batch(messages: Publication[], options?: Cancellable): Promise<(Published | PosthasteError)[]>;

  /** The latest of a topic, or an older one by its id; undefined if there is none. */
  latest<T = any>(topic: string, options?: { id?: string } & Cancellable): Promise<Latest<T> | undefined>;

  /**
   * Waits until a topic's latest is another than this one (without an id: until there is one).
   *
   * @returns what it is then, `deleted` if the topic was deleted; undefined if `wait` seconds went by
   */
  waitForChange<T = any>(
    topic: string,
    options?: { id?: string; wait?: number } & Cancellable,
  ): Promise<Latest<T> | undefined>;

  /** Deletes a topic; tells whether there was something. */
  delete(topic: string, options?: { match?: string } & Cancellable): Promise<boolean>;

  /** The topics that begin so, with their latest ids. */
  topics(options?: { prefix?: string } & Cancellable): AsyncIterable<{ topic: string; id: string }>;

  /** Asks once; with `wait` (seconds, 60 at most) it is held until there is something. */
  poll<T = any>(
    topics: string | Iterable<string>,
    options?: Start & { before?: string; limit?: number; wait?: number } & Cancellable,
  ): Promise<Page<T>>;

  /** Reads topics and patterns from now on, or from where `options` say, by whatever way works best, until it is closed. */
  subscribe<T = any>(
    topics: string | Iterable<string>,
    options?: SubscribeOptions,
    handler?: Handler<T>,
  ): Subscription<T>;
  subscribe<T = any>(topics: string | Iterable<string>, handler: Handler<T>): Subscription<T>;

  /** A consumer by its name. */
  consumer(name: string): Consumer;

  /** The configs of a group; by default of `public` and `DEFAULT_GROUP`. */
  configs(options?: { namespace?: string; group?: string }): Configs;

  /** Closes all subscriptions; nothing is asked any more. */
  close(): Promise<void>;
}
