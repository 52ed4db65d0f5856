// What was said, as it is seen: text only, newest at the bottom.

import { latencyText } from '../common/scale.js';
import { tidy } from './person.js';

const MOST_ROWS = 500;
const SAME_SPEAKER_MILLIS = 120_000;
const LONGEST = 2000;
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export class LogView {
  #list;
  #me;
  #newer;
  #unseen = 0;

  /** @param newer the button that leads to what is below */
  constructor(list, newer, me) {
    this.#list = list;
    this.#newer = newer;
    this.#me = me;
    newer.addEventListener('click', () => this.#toBottom());
    list.addEventListener('scroll', () => this.#isAtBottom() && this.#seen());
  }

  /** @param latency in milliseconds; undefined for what came with the history */
  add({ message, late, latency }) {
    const follows = this.#isAtBottom();
    const last = this.#list.lastElementChild;
    this.#list.append(this.#row(message, last, latency === undefined || late ? '' : latencyText(latency)));
    while (this.#list.children.length > MOST_ROWS) {
      this.#list.firstElementChild.remove();
    }
    if (follows || message.data?.who?.id === this.#me.id) {
      this.#toBottom();
    } else {
      this.#unseen += 1;
      this.#newer.textContent = `${this.#unseen} new below`;
      this.#newer.hidden = false;
    }
  }

  /** Puts what is older on top; the reader keeps the place. */
  prepend(messages) {
    const height = this.#list.scrollHeight;
    const rows = [];
    messages.forEach((message) => rows.push(this.#row(message, rows.at(-1), '')));
    this.#list.prepend(...rows);
    this.#list.scrollTop += this.#list.scrollHeight - height;
  }

  /** Something that nobody said. */
  note(text, kind) {
    const follows = this.#isAtBottom();
    const row = document.createElement('li');
    row.className = `note ${kind}`;
    row.textContent = text;
    this.#list.append(row);
    if (follows) {
      this.#toBottom();
    }
  }

  #row({ id, at, data, deleted }, last, took) {
    const row = document.createElement('li');
    const who = deleted ? { id: '', name: 'Somebody' } : { id: String(data?.who?.id ?? ''), name: tidy(data?.who?.name ?? 'Somebody') };
    const text = deleted ? 'deleted what was said' : String(data?.text ?? (typeof data === 'string' ? data : JSON.stringify(data)));
    row.className = 'said';
    row.dataset.id = id;
    row.dataset.who = who.id;
    row.dataset.at = at;
    row.classList.toggle('mine', who.id === this.#me.id);
    const isSame = last?.dataset.who === who.id && Date.parse(at) - Date.parse(last.dataset.at) < SAME_SPEAKER_MILLIS;
    row.classList.toggle('again', isSame);
    row.style.setProperty('--hue', hueOf(who.id));
    row.append(part('name', who.name || 'Somebody'), part('text', text.slice(0, LONGEST)), part('when', [time.format(Date.parse(at)), took].filter(Boolean).join(' · ')));
    return row;
  }

  #isAtBottom() {
    return this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
  }

  #toBottom() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#seen();
  }

  #seen() {
    this.#unseen = 0;
    this.#newer.hidden = true;
  }
}

function part(name, text) {
  const element = document.createElement('span');
  element.className = name;
  element.textContent = text;
  return element;
}

/** A person's colour. */
export function hueOf(id) {
  let hash = 0;
  for (const character of id) {
    hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  }
  return String(hash % 360);
}
