// The race: puts clock, lanes, finish line and controls together.

import { Clock } from '../common/clock.js';
import { latencyText } from '../common/scale.js';
import { Top } from '../common/top.js';
import { Burst } from './burst.js';
import { Finish } from './finish.js';
import { LaneView } from './lane-view.js';
import { Lane } from './lane.js';
import { Publisher } from './publisher.js';
import { TECHNIQUES } from './techniques.js';

const TOPICS = 'demo/**';
const FRAME_MILLIS = 33;
const STILL_FRAME_MILLIS = 1000; // for those who want no motion
const CALM_PER_MILLI = 0.06; // messages, of all lanes
const COMPARE_CLOCKS_MILLIS = 60_000;
const FIRST_TRY_MILLIS = 1000;

const part = (id) => document.getElementById(id);
const still = matchMedia('(prefers-reduced-motion: reduce)');

const clock = new Clock();
const publisher = new Publisher(clock);
const lanes = TECHNIQUES.map((technique) => new Lane(technique, TOPICS, clock));
const views = lanes.map((lane) => new LaneView(lane, part('lane'), clock, (message) => publisher.isMine(message)));
const finish = new Finish(lanes, { subject: part('subject'), track: part('track'), places: part('places') });
const burst = new Burst(() => tell('The server cannot be asked for a burst now.'));

part('lanes').append(...views.map((view) => view.element));
part('curl').textContent = `curl -d 'hello' ${location.origin}/v1/topics/demo/hello`;
const top = new Top('race', () => views.forEach((view) => view.recolour()));

function tell(text) {
  part('notice').textContent = text;
}

// --- messages ---------------------------------------------------------------------------------------

for (const lane of lanes) {
  lane.addEventListener('heard', (event) => {
    finish.heard(event.detail, publisher.isMine(event.detail.message));
    // For whoever watches from outside: tests, and the curious with a console.
    document.dispatchEvent(new CustomEvent('race:heard', { detail: { lane: lane.key, message: event.detail.message } }));
  });
}

let drawnAt = 0;
let heardAtDraw = 0;

function frame(now) {
  if (!document.hidden) {
    requestAnimationFrame(frame);
  }
  if (now - drawnAt < (still.matches ? STILL_FRAME_MILLIS : FRAME_MILLIS) - 4) {
    return;
  }
  const heard = lanes.reduce((sum, lane) => sum + lane.messages, 0);
  // Rows that fly past are not animated one by one.
  const calm = (heard - heardAtDraw) / (now - drawnAt) > CALM_PER_MILLI;
  heardAtDraw = heard;
  drawnAt = now;
  views.forEach((view) => view.draw(now, still.matches, calm));
}

// --- the server, as the lanes find it ------------------------------------------------------------------

let awaySince = 0;

function judgeServer() {
  const running = lanes.filter((lane) => !lane.isHeld);
  const up = running.some((lane) => lane.state === 'open');
  const down = running.length > 0 && running.every((lane) => lane.state === 'retrying' || (awaySince > 0 && !up));
  if (down && awaySince === 0) {
    awaySince = performance.now();
    tell('The server is away. Each lane tries again by itself and will go on from where it was.');
  } else if (awaySince > 0 && running.length > 0 && running.every((lane) => lane.state === 'open')) {
    tell(`The server is back after ${latencyText(performance.now() - awaySince)}. Every lane went on from where it was.`);
    awaySince = 0;
    clock.compare().then(sayClock, () => undefined);
    // Those who wait longest for their next try need not.
  } else if (awaySince > 0 && up) {
    lanes.forEach((lane) => lane.retryNow());
  }
  const text = awaySince > 0 ? 'Server away' : up ? location.host : running.length > 0 ? 'Connecting' : 'Paused';
  top.server(awaySince > 0 ? 'away' : up ? 'up' : 'new', text);
}

lanes.forEach((lane) => lane.addEventListener('state', judgeServer));

function sayClock() {
  part('clock-how').textContent = clock.how;
}

// --- controls -----------------------------------------------------------------------------------------

part('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = part('text').value.trim();
  if (!text) {
    return;
  }
  part('text').value = '';
  try {
    await publisher.say(text);
    tell('');
  } catch (failure) {
    part('text').value ||= text;
    tell(`Not published: ${failure instanceof TypeError ? 'the server gives no answer' : failure.message}.`);
  }
});

function chooseRate() {
  const rate = Number(part('rate').value);
  part('rate-value').textContent = rate > 0 ? `${rate} messages a second` : 'off';
  part('rate').setAttribute('aria-valuetext', part('rate-value').textContent);
}

part('rate').addEventListener('input', chooseRate);
part('rate').addEventListener('change', () => {
  chooseRate();
  burst.rate = Number(part('rate').value);
});

function chooseInterval() {
  lanes[0].intervalMillis = Number(part('interval').value);
  views[0].refresh();
}

part('interval').addEventListener('change', chooseInterval);

part('pause-all').addEventListener('click', () => {
  const pause = part('pause-all').getAttribute('aria-pressed') !== 'true';
  lanes.forEach((lane) => (pause ? lane.hold('pause') : lane.release('pause')));
});

function showPauseAll() {
  const paused = lanes.every((lane) => lane.isHeldBy('pause'));
  part('pause-all').setAttribute('aria-pressed', String(paused));
  part('pause-all').textContent = paused ? 'Resume all' : 'Pause all';
}

lanes.forEach((lane) => lane.addEventListener('state', showPauseAll));

// --- a hidden tab holds no connection ------------------------------------------------------------------

function followVisibility() {
  lanes.forEach((lane) => (document.hidden ? lane.hold('hidden') : lane.release('hidden')));
  burst.hidden = document.hidden;
  if (!document.hidden) {
    requestAnimationFrame(frame);
  }
}

document.addEventListener('visibilitychange', followVisibility);
// A page kept for going back to is not always told that it was hidden.
addEventListener('pagehide', () => lanes.forEach((lane) => lane.hold('hidden')));
addEventListener('pageshow', followVisibility);

// --- begin -----------------------------------------------------------------------------------------------

/** The place from which all lanes begin, so that their counts can be compared. */
async function begin() {
  try {
    await clock.compare();
    const response = await fetch(`/v1/updates?${new URLSearchParams({ topic: TOPICS })}`, { cache: 'no-store' });
    if (!response.ok) {
      throw new Error(`the server answered ${response.status}`);
    }
    const { next } = await response.json();
    sayClock();
    tell('');
    lanes.forEach((lane) => lane.start(next));
  } catch {
    tell('The server gives no answer. Trying again.');
    setTimeout(begin, FIRST_TRY_MILLIS);
  }
}

setInterval(() => {
  if (!document.hidden && awaySince === 0) {
    clock.compare().then(sayClock, () => undefined);
  }
}, COMPARE_CLOCKS_MILLIS);

chooseInterval();
chooseRate();
followVisibility();
begin();
