// The chat room: puts room, people and controls together.

import { Clock } from '../common/clock.js';
import { Costs } from '../common/costs.js';
import { Meter } from '../common/meter.js';
import { Top } from '../common/top.js';
import { LogView, hueOf } from './log-view.js';
import { Person } from './person.js';
import { Room, TECHNIQUES } from './room.js';

const FIRST = 'websocket';
const MOST_AT_ONCE = 5; // messages in
const WHILE_MILLIS = 5000;
const AGAIN_MILLIS = 1000;

const part = (id) => document.getElementById(id);
const top = new Top('chat');
const person = new Person();
const clock = new Clock();
const meters = new Map(Object.keys(TECHNIQUES).map((key) => [key, new Meter()]));
const room = new Room(person, clock, meters);
const log = new LogView(part('log'), part('newer'), person);
new Costs(part('cards'), meters);

function tell(text) {
  part('notice').textContent = text;
}

// --- what is said -----------------------------------------------------------------------------------------------

room.addEventListener('said', ({ detail }) => {
  log.add(detail);
  showCheck();
});

room.addEventListener('missed', () => log.note('Missed: what was said here meanwhile is no longer kept.', 'gap'));

const saidAt = [];

part('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = part('text').value.trim();
  const now = performance.now();
  while (saidAt[0] < now - WHILE_MILLIS) {
    saidAt.shift();
  }
  if (text === '') {
    return;
  }
  if (saidAt.length >= MOST_AT_ONCE) {
    tell(`Not so fast: ${MOST_AT_ONCE} messages in ${WHILE_MILLIS / 1000} s.`);
    return;
  }
  saidAt.push(now);
  part('text').value = '';
  tell(''); // now, not when it is said: what is told meanwhile stays
  try {
    await room.say(text);
  } catch (error) {
    part('text').value ||= text;
    tell(`Not said: ${error.message}`);
  }
});

part('earlier').addEventListener('click', async () => {
  try {
    const messages = await room.earlier();
    log.prepend(messages);
    part('earlier').hidden = messages.length === 0;
  } catch (error) {
    tell(error.message);
  }
});

// --- who is there -----------------------------------------------------------------------------------------------

room.addEventListener('people', () => {
  const people = room.people.list();
  part('count').textContent = people.length;
  part('people').replaceChildren(...people.map(row));
});

function row({ id, name, tabs }) {
  const item = document.createElement('li');
  const label = document.createElement('span');
  const how = document.createElement('span');
  item.style.setProperty('--hue', hueOf(id));
  item.dataset.who = id;
  label.className = 'name';
  label.textContent = id === person.id ? `${name} (you)` : name;
  how.className = 'how';
  how.textContent = tabs > 1 ? `${tabs} tabs` : '';
  item.append(label, how);
  return item;
}

part('name').value = person.name;
part('you').addEventListener('submit', (event) => event.preventDefault());
part('name').addEventListener('change', () => {
  if (person.rename(part('name').value)) {
    use(room.technique);
  }
  part('name').value = person.name;
});

// --- over what --------------------------------------------------------------------------------------------------

room.addEventListener('state', ({ detail }) => {
  top.follow(detail);
  if (detail.state === 'waiting') {
    tell('The server gives no answer. Trying again; the room goes on from where it was.');
  } else if (detail.state === 'open') {
    tell('');
  }
});

function showCheck() {
  const { numbers } = room;
  part('check').textContent = numbers.text;
  part('check').classList.toggle('bad', numbers.faulty);
}

/** Goes on by a technique; at the beginning until it succeeds. */
async function use(technique) {
  part('line').dataset.state = 'changing';
  try {
    await room.use(technique);
    part('line').dataset.state = 'there';
  } catch {
    top.server('away', 'Server away');
    tell('The server gives no answer. Trying again.');
    setTimeout(() => use(chosen()), AGAIN_MILLIS);
  }
}

function chosen() {
  return new FormData(part('line')).get('technique') ?? FIRST;
}

part('line').addEventListener('change', () => use(chosen()));

addEventListener('pagehide', () => room.leave());
addEventListener('pageshow', ({ persisted }) => persisted && use(chosen()));

try {
  await clock.compare();
} catch {
  // Then the clocks are taken for the same.
}
use(chosen());
