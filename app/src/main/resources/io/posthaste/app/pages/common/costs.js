// What each technique that a page may use does, has cost so far, and is to be picked for: a card each, with live figures.

import { ADVICE } from './advice.js';
import { bytesText, countText, latencyText } from './scale.js';

const REFRESH_MILLIS = 250;
const POLL_MILLIS = 2000; // of the short poll that is compared with

const CARD = `
  <h3></h3>
  <p class="now"></p>
  <dl class="figures">
    <div class="big"><dt>late, median</dt><dd data-figure="median">–</dd></div>
    <div class="big"><dt>a message</dt><dd data-figure="each">–</dd></div>
    <div class="big"><dt>held now</dt><dd data-figure="held">0</dd></div>
    <div><dt>messages</dt><dd data-figure="messages">0</dd></div>
    <div><dt>requests</dt><dd data-figure="requests">0</dd></div>
    <div><dt>bytes</dt><dd data-figure="bytes">0 B</dd></div>
  </dl>
  <p class="saying"></p>
  <p class="how"></p>
  <p class="cost"></p>
  <p class="pick"></p>`;

export class Costs {
  #cards;

  /**
   * @param {Element} list takes the cards
   * @param {Map<string, Meter>} meters by technique
   */
  constructor(list, meters) {
    this.#cards = [...meters].map(([key, meter]) => ({ key, meter, element: card(key) }));
    list.replaceChildren(...this.#cards.map(({ element }) => element));
    this.#show();
    setInterval(() => !document.hidden && this.#show(), REFRESH_MILLIS);
  }

  #show() {
    for (const { key, meter, element } of this.#cards) {
      const tried = meter.ranMillis > 0;
      element.classList.toggle('idle', !meter.isRunning);
      put(element, '.now', meter.isRunning ? 'in use' : tried ? 'used before' : 'not tried here yet');
      put(element, '[data-figure=median]', latencyText(meter.latencies.median));
      put(element, '[data-figure=each]', meter.messages > 0 ? bytesText(Math.round(meter.bytes / meter.messages)) : '–');
      put(element, '[data-figure=held]', countText(meter.held));
      put(element, '[data-figure=messages]', countText(meter.messages));
      put(element, '[data-figure=requests]', countText(meter.requests));
      put(element, '[data-figure=bytes]', bytesText(meter.bytes));
      put(element, '.saying', tried ? saying(key, meter) : '');
    }
  }
}

function card(key) {
  const element = document.createElement('li');
  const { name, how, cost, pick } = ADVICE[key];
  element.className = 'card';
  element.dataset.lane = key;
  element.innerHTML = CARD;
  put(element, 'h3', name);
  put(element, '.how', how);
  put(element, '.cost', cost);
  put(element, '.pick', pick);
  return element;
}

/** What its figures say, in a sentence. */
function saying(key, meter) {
  const minutes = meter.ranMillis / 60_000;
  const asked = `${countText(meter.requests)} ${meter.requests === 1 ? 'request' : 'requests'} in ${timeText(meter.ranMillis)}`;
  if (key === 'short-poll') {
    const idle = Math.max(0, meter.requests - meter.messages);
    return `${asked}, at least ${countText(idle)} of them for nothing: ${countText(Math.round(meter.requests / minutes))} a minute, news or no news.`;
  }
  const polls = Math.floor(meter.ranMillis / POLL_MILLIS);
  return polls > meter.requests
    ? `${asked}. A short poll every 2 s would have made ${countText(polls)}, and been 1 s late on average.`
    : `${asked}.`;
}

function timeText(millis) {
  const seconds = Math.round(millis / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function put(element, selector, text) {
  const part = element.querySelector(selector);
  if (part.textContent !== text) {
    part.textContent = text;
  }
}
