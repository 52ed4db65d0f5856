import { backoff, deadline, pause } from './deadline.js';
import { isOurs, PosthasteError } from './error.js';
import { Link } from './link.js';
import { ask, TECHNIQUES } from './techniques.js';

/**
 * A place in the log, and whatever it takes to follow it: one technique after the other, one server after the other,
 * and again after each failure, from the cursor. Puts what it hears into an inbox, each message once and in order.
 */
export class Reader {
  #place;
  #only;
  #presence;
  #closed = new AbortController();
  #link;
  #failures = 0;
  #silences = 0;
  #tell;
  #state = 'connecting';
  #wakeups;
  #roused = new AbortController();
  #hasWorked = new Set();
  #startsAnew;

  topics;
  inbox;
  cursor;

  /**
   * @param {string[]} topics
   * @param {object} start where to begin: `after`, `last` or `consumer`; nothing for now; and where to be present meanwhile
   * @param {object} inbox what takes what is heard
   * @param {object} client servers, ladder, timing, wakeups, WebSocket
   * @param {(state: object) => void} tell is told how it goes
   * @param {boolean} startsAnew whether it begins from now where a connection broke, instead of where it was
   */
  constructor(topics, { only, presence, ...start }, inbox, client, tell, startsAnew = false) {
    this.topics = topics;
    this.inbox = inbox;
    this.servers = client.servers;
    this.ladder = client.ladder;
    this.timing = client.timing;
    this.WebSocket = client.WebSocket;
    this.#wakeups = client.wakeups;
    this.#only = only;
    this.#presence = presence;
    this.#place = start;
    this.#tell = tell;
    this.#startsAnew = startsAnew;
  }

  /** The fields that say where it stands; `fromNow`: those of one that begins now. */
  place(fromNow) {
    return { ...(this.#only && { only: this.#only }), ...(fromNow ? {} : this.#place) };
  }

  /** The fields that say where, as whom and with which device to be present; undefined for nowhere. */
  get presence() {
    if (this.#presence === undefined) {
      return undefined;
    }
    const { place, as, device } = this.#presence;
    return { presence: place, as, ...(device !== undefined && { device }) };
  }

  moved(cursor) {
    this.cursor = cursor;
    this.#place = { after: cursor };
    this.#to('open');
  }

  heard(link) {
    // What comes with the opening proves nothing: some let that pass, and gather what follows.
    if (link === this.#link && Date.now() - link.openedAt > this.timing.silence / 4) {
      this.#silences = 0;
    }
  }

  /** Reads until it is closed. Rejects if the server says that it never will. */
  async run() {
    this.ladder.join(this);
    const leave = this.#wakeups.add((why) => this.#wake(why));
    try {
      while (!this.#closed.signal.aborted) {
        const technique = this.ladder.current;
        const failure = await this.#attempt(technique);
        if (!this.#closed.signal.aborted) {
          await this.#judge(technique, failure);
        }
      }
    } finally {
      leave();
      this.ladder.leave(this);
      this.#to('closed');
    }
  }

  close() {
    this.#closed.abort();
    this.#link?.end();
    this.inbox.end();
  }

  /** Gives up what it does for what the ladder says now. */
  turn() {
    if (this.#link !== undefined) {
      this.#link.isDone = true;
      this.#link.end();
    }
    this.#rouse();
  }

  /** Whether a technique works, by trying. */
  async probe(technique) {
    const link = new Link(this, true);
    const limit = deadline(this.timing.openTimeout, this.#closed.signal);
    limit.signal.addEventListener('abort', () => link.end());
    try {
      await TECHNIQUES[technique].run(link);
    } catch {
      // That is the answer.
    } finally {
      limit.end();
    }
    return link.wasOpened;
  }

  /** Waits, unless something happens that makes it worth not to. */
  rest(millis, signal) {
    return pause(millis, this.#closed.signal, this.#roused.signal, signal);
  }

  /** Runs a technique; gives what ended it, undefined if it ended as it should. */
  async #attempt(technique) {
    const link = new Link(this, false);
    this.#link = link;
    const watch = TECHNIQUES[technique].isWatched
      ? setInterval(() => this.#watch(link), this.#watchEvery())
      : undefined;
    try {
      await TECHNIQUES[technique].run(link);
      return link.silence;
    } catch (failure) {
      if (link.silence !== undefined) {
        return link.silence;
      }
      return failure instanceof PosthasteError ? failure : new PosthasteError(String(failure?.message ?? failure));
    } finally {
      clearInterval(watch);
      link.end();
      if (link.wasOpened) {
        this.#hasWorked.add(technique);
      }
    }
  }

  #watchEvery() {
    return Math.max(20, Math.min(this.timing.openTimeout, this.timing.silence) / 5);
  }

  /** A connection that says nothing may be broken without anybody's saying so. */
  #watch(link) {
    const now = Date.now();
    if (!link.wasOpened) {
      if (now - link.begunAt >= this.timing.openTimeout) {
        link.silence = new PosthasteError(`${link.url}: no messages within ${this.timing.openTimeout} ms`);
        link.end();
      }
    } else if (!link.isWaiting && now - link.heardAt >= this.timing.silence) {
      this.#silences++;
      link.silence = new PosthasteError(`${link.url}: nothing was heard for ${this.timing.silence} ms`);
      link.end();
    }
  }

  /** What to do after a technique has ended. */
  async #judge(technique, failure) {
    const link = this.#link;
    if (link.isDone) {
      return;
    }
    // Whoever was let in before may be again: a token has ended, and the next may hold.
    const hasEnded = link.wasOpened && failure?.code === 'unauthenticated';
    if (failure !== undefined && !failure.isTemporary && isOurs(failure) && !hasEnded) {
      throw failure;
    }
    if (link.wasOpened) {
      if (Date.now() - link.openedAt >= this.timing.steady) {
        this.#failures = 0;
      }
      if (this.#silences < 2) {
        await this.#wait(failure?.retryAfter ?? link.retryAfter, failure);
        return;
      }
      this.#silences = 0;
    }
    // Is the technique blocked, or is nobody there? A plain request tells, and brings what there is.
    if (technique !== 'shortPoll' && (await this.#isReachable(failure))) {
      if (this.ladder.isAtBottom) {
        await this.#wait(undefined, failure);
      } else {
        this.ladder.blocked(technique, this.#hasWorked.has(technique));
      }
      return;
    }
    this.servers.failed(link.url);
    await this.#wait(failure?.retryAfter, failure);
  }

  async #isReachable(failure) {
    this.#to('waiting', failure);
    const link = new Link(this, false);
    this.#link = link;
    try {
      await ask(link);
      return true;
    } catch (error) {
      const isOver = this.#closed.signal.aborted || link.isDone;
      // 414: so many topics are no matter for a WebSocket, and a plain request cannot tell.
      if (!isOver && !error.isTemporary && error.status !== 414 && isOurs(error)) {
        throw error;
      }
      return link.isDone === true;
    } finally {
      link.end();
    }
  }

  async #wait(told, failure) {
    const millis = told ?? backoff(this.#failures, this.timing);
    this.#failures++;
    this.#to('waiting', failure, millis);
    await this.rest(millis);
  }

  /** The machine slept, the network is back, or somebody looks at the page again: no time to lose. */
  #wake(why) {
    this.#failures = 0;
    this.#rouse();
    const link = this.#link;
    if (link?.wasOpened && (why !== 'shown' || Date.now() - link.heardAt >= this.timing.silence / 2)) {
      this.#check(link);
    }
    if (why === 'online') {
      this.ladder.tryBetter();
    }
  }

  /** Makes sure that a connection is alive, or ends it. */
  async #check(link) {
    if (link.isWaiting) {
      return;
    }
    const asked = Date.now();
    if (link.ping()) {
      await pause(this.timing.pingTimeout, this.#closed.signal, link.signal);
    }
    if (link.heardAt < asked && !link.signal.aborted) {
      link.isDone = true;
      link.end();
    }
  }

  #rouse() {
    this.#roused.abort();
    this.#roused = new AbortController();
  }

  #to(state, error, retryIn) {
    if (state !== this.#state || state === 'waiting') {
      this.#state = state;
      if (state === 'waiting' && this.#startsAnew) {
        this.cursor = undefined;
        this.#place = {};
      }
      this.#tell({ state, technique: this.ladder.current, url: this.servers.url, error, retryIn });
    }
  }
}
