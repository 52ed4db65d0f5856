// The bar at the top of each page: where one is, how the server is, light or dark.

import { themeButton } from './theme.js';

const PAGES = {
  race: ['/demo/race/', 'Race'],
  chat: ['/demo/chat/', 'Chat'],
  'sign-in': ['/demo/sign-in/', 'Sign-in'],
  shop: ['/demo/shop/', 'Shop'],
};

const BAR = `
  <a class="brand" href="/demo/">
    <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 10h13M1 16h11M5 22h9"/><circle cx="23" cy="16" r="7"/></svg>
    <span>Posthaste</span>
  </a>
  <nav aria-label="Demos"></nav>
  <p class="server" data-state="new"><span class="lamp"></span><span id="server">Connecting</span></p>
  <button type="button" id="theme" class="icon">
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <g class="sun"><circle cx="12" cy="12" r="4.2"/><path d="M12 2.8v2.4M12 18.8v2.4M2.8 12h2.4M18.8 12h2.4M5.5 5.5l1.7 1.7M16.8 16.8l1.7 1.7M18.5 5.5l-1.7 1.7M7.2 16.8l-1.7 1.7"/></g>
      <path class="moon" d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z"/>
      <g class="half"><circle cx="12" cy="12" r="8"/><path class="fill" d="M12 4a8 8 0 0 1 0 16z"/></g>
    </svg>
  </button>`;

export class Top {
  #sign;
  #text;

  /**
   * @param {string} page which of the pages this is
   * @param {() => void} recoloured is called whenever colours differ
   */
  constructor(page, recoloured = () => {}) {
    const bar = document.querySelector('.top');
    bar.innerHTML = BAR;
    bar.querySelector('nav').append(
      ...Object.entries(PAGES).map(([key, [address, name]]) => {
        const link = document.createElement('a');
        link.href = address;
        link.textContent = name;
        if (key === page) {
          link.setAttribute('aria-current', 'page');
        }
        return link;
      }),
    );
    this.#sign = bar.querySelector('.server');
    this.#text = bar.querySelector('#server');
    themeButton(bar.querySelector('#theme'), recoloured);
  }

  /**
   * How the server is, in words.
   *
   * @param {'new' | 'up' | 'away'} state
   */
  server(state, text) {
    this.#sign.dataset.state = state;
    this.#text.textContent = text;
  }

  /** How it is, as a subscription of the client tells. */
  follow({ state }) {
    if (state === 'open') {
      this.server('up', location.host);
    } else if (state === 'waiting') {
      this.server('away', 'Server away');
    }
  }
}
