// A CR at the very end may be followed by its LF.
const LINE_END = /\r\n|\n|\r(?!$)/g;

/** Reads server-sent events (HTML standard, 9.2.6) from text that comes in pieces. Only a parser. */
export class EventStream {
  #rest = '';
  #limit;
  #event = '';
  #data = [];
  #id;
  #size = 0;
  #isFirst = true;

  /** @param {number} limit characters that an event may have */
  constructor(limit) {
    this.#limit = limit;
  }

  /**
   * Takes a piece.
   *
   * @returns {{event: string, data?: string, id?: string, retry?: number}[]} what is complete: events; those without
   *     data too, for their id counts; and times to wait
   */
  push(piece) {
    const found = [];
    let text = this.#rest + piece;
    if (this.#isFirst && text.length > 0) {
      this.#isFirst = false;
      text = text.replace(/^\uFEFF/, '');
    }
    let from = 0;
    for (const end of text.matchAll(LINE_END)) {
      this.#line(text.slice(from, end.index), found);
      from = end.index + end[0].length;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length + this.#size > this.#limit) {
      throw new RangeError(`event: longer than ${this.#limit} characters`);
    }
    return found;
  }

  #line(line, found) {
    if (line === '') {
      if (this.#data.length > 0 || this.#id !== undefined) {
        const data = this.#data.length > 0 ? this.#data.join('\n') : undefined;
        found.push({ event: this.#event || 'message', data, id: this.#id });
      }
      this.#event = '';
      this.#data = [];
      this.#id = undefined;
      this.#size = 0;
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    switch (field) {
      case 'data':
        this.#data.push(value);
        this.#size += value.length;
        break;
      case 'event':
        this.#event = value;
        break;
      case 'id':
        if (!value.includes('\0')) {
          this.#id = value;
        }
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) {
          found.push({ event: 'retry', retry: Number(value) });
        }
        break;
      default: // a comment, or what a later standard may have
    }
  }
}
