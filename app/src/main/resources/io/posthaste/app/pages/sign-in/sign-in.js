// The desktop's side of a sign-in by phone: shows the picture, waits for what becomes of the ticket by long poll, and
// comes for the sign-in when it is confirmed.

import { Posthaste } from '/client/posthaste.js';
import { Clock } from '../common/clock.js';
import { Costs } from '../common/costs.js';
import { Meter } from '../common/meter.js';
import { post } from '../common/post.js';
import { latencyText } from '../common/scale.js';
import { Top } from '../common/top.js';

const ORDER = ['new', 'scanned', 'confirmed', 'used', 'refused', 'expired'];
const OVER = new Set(['used', 'refused', 'expired', 'lost']);
const SAID = {
  new: 'Scan this with your phone.',
  scanned: 'A phone has it. Answer there.',
  confirmed: 'Confirmed.',
  refused: 'The phone said no.',
  expired: 'Too late: nobody confirmed it in time.',
  lost: 'The server no longer knows of it. Begin anew.',
};
const QUIET = 4; // modules around the picture

const part = (id) => document.getElementById(id);
const top = new Top('sign-in');
const clock = new Clock();
const meter = new Meter();
new Costs(part('cards'), new Map([['long-poll', meter]]));

let ticket; // that is shown: what the server told, and state
let client;
let countdown;

function tell(text) {
  part('notice').textContent = text;
}

async function begin() {
  end();
  part('again').disabled = true;
  try {
    const page = new URL('phone/', location.href).href;
    const made = await post('/demo/sign-in/tickets', { page });
    ticket = { ...made, state: 'new', until: performance.now() + made.seconds * 1000 };
    draw(made);
    part('open').href = made.link;
    part('steps').replaceChildren();
    enter('new');
    follow(ticket);
    countdown = setInterval(count, 250);
    tell('');
  } catch (error) {
    top.server(error.status === 0 ? 'away' : 'up', error.status === 0 ? 'Server away' : location.host);
    tell(`No ticket: ${error.message}`);
    part('again').hidden = false;
  } finally {
    part('again').disabled = false;
  }
}

/** Lets go of the ticket that is shown. */
function end() {
  clearInterval(countdown);
  client?.close();
  meter.isRunning = false;
  client = undefined;
}

/** Waits for what becomes of it. */
function follow(mine) {
  meter.isRunning = true;
  client = new Posthaste(undefined, { techniques: ['longPoll'], fetch: meter.fetch, storage: null, share: false, timing: { longestRetry: 5000 } });
  client.subscribe(mine.topic, {
    after: mine.id,
    onMissed: () => mine === ticket && enter('lost'),
    onState: (state) => top.follow(state),
  }, ({ data }) => {
    const late = Math.max(0, clock.now() - data.sent / 1000);
    meter.heard(late);
    if (mine === ticket && !OVER.has(mine.state) && ORDER.indexOf(data.state) > ORDER.indexOf(mine.state)) {
      enter(data.state, late, data.as);
    }
  });
}

/** The ticket has moved on. */
function enter(state, late, as) {
  ticket.state = state;
  const sheet = part('ticket');
  sheet.dataset.state = state;
  part('said').textContent = state === 'used' ? `Signed in as ${as}.` : SAID[state];
  const step = document.createElement('li');
  const name = document.createElement('b');
  name.textContent = state === 'used' ? 'signed in' : state;
  step.dataset.state = state;
  step.append(name, late === undefined ? '' : ` known here ${latencyText(late)} later`);
  part('steps').append(step);
  if (state === 'confirmed') {
    use(ticket);
  }
  if (OVER.has(state)) {
    end();
    count();
  }
  part('again').hidden = !OVER.has(state);
  part('open').hidden = state !== 'new';
}

/** Comes for the sign-in, with the secret that no picture has shown. */
async function use({ code, secret }) {
  try {
    await post('/demo/sign-in/use', { code, secret });
  } catch (error) {
    tell(`Not signed in: ${error.message}`);
    part('again').hidden = false;
  }
}

function count() {
  const seconds = Math.max(0, Math.ceil((ticket.until - performance.now()) / 1000));
  const isOver = OVER.has(ticket.state) || ticket.state === 'confirmed';
  part('left').textContent = isOver ? '' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
}

function draw({ size, path }) {
  const picture = part('picture');
  picture.setAttribute('viewBox', `${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`);
  part('modules').setAttribute('d', path);
}

part('again').addEventListener('click', begin);
addEventListener('pagehide', end);

try {
  await clock.compare();
  top.server('up', location.host);
} catch {
  // What follows will say so.
}
begin();
