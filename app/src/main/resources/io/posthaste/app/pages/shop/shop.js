// The shop and the news: puts orders, ticker and figures together.

import { Clock } from '../common/clock.js';
import { Costs } from '../common/costs.js';
import { Meter } from '../common/meter.js';
import { latencyText } from '../common/scale.js';
import { Top } from '../common/top.js';
import { Orders } from './orders.js';
import { Ticker } from './ticker.js';

const MOST_ROWS = 8;
const PAUSE_MILLIS = 1000; // between two pieces of news of one's own
const STATES = { pending: 'The bank is asked …', paid: 'Paid', declined: 'Declined', lost: 'The server no longer knows of it' };

const part = (id) => document.getElementById(id);
const top = new Top('shop');
const clock = new Clock();
const meters = new Map([['long-poll', new Meter()], ['sse', new Meter()]]);
const orders = new Orders(clock, meters.get('long-poll'), (state) => top.follow(state));
const ticker = new Ticker(part('news'), clock, meters.get('sse'));
new Costs(part('cards'), meters);

function tell(text) {
  part('notice').textContent = text;
}

// --- the shop ------------------------------------------------------------------------------------------------------

for (const item of document.querySelectorAll('.item')) {
  const button = item.querySelector('button');
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await orders.pay(item.dataset.item, rowOf(item));
      tell('');
    } catch (error) {
      tell(`Not ordered: ${error.message}`);
    } finally {
      button.disabled = false;
    }
  });
}

/** A row that shows where an order stands. */
function rowOf(item) {
  const row = document.createElement('li');
  const what = document.createElement('b');
  const state = document.createElement('span');
  const why = document.createElement('small');
  what.textContent = `${item.querySelector('h3').textContent}, ${item.querySelector('.price').textContent}`;
  row.append(what, state, why);
  return (to, reason, late) => {
    if (!row.isConnected) {
      part('none').hidden = true;
      part('orders').prepend(row);
      while (part('orders').children.length > MOST_ROWS) {
        part('orders').lastElementChild.remove();
      }
    }
    row.dataset.state = to;
    state.textContent = STATES[to];
    why.textContent = [reason, late === undefined ? '' : `known here ${latencyText(late)} later`].filter(Boolean).join(' · ');
  };
}

// --- the news ------------------------------------------------------------------------------------------------------

part('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = part('text').value.trim();
  if (text === '') {
    return;
  }
  const button = part('say').querySelector('button');
  button.disabled = true;
  part('text').value = '';
  try {
    await ticker.publish(text);
    tell('');
  } catch (error) {
    part('text').value ||= text;
    tell(`Not published: ${error.message}`);
  } finally {
    setTimeout(() => (button.disabled = false), PAUSE_MILLIS);
  }
});

try {
  await clock.compare();
} catch {
  // Then the clocks are taken for the same.
}
ticker.start((state) => top.follow(state));
