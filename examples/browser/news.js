'use strict';

// Where the server is: this page's own, unless the address says otherwise, as in ?server=http://127.0.0.1:8080
const server = new URLSearchParams(location.search).get('server') ?? '';
const state = document.querySelector('#state');
const news = document.querySelector('#news');
const form = document.querySelector('form');

// The browser resumes by itself when the connection breaks, but not after a reload: so the page remembers its place.
const place = sessionStorage.getItem('place');
const from = place === null ? 'last=10' : `lastEventId=${encodeURIComponent(place)}`;
const source = new EventSource(`${server}/v1/updates?topic=news/**&${from}`);

source.onopen = () => say('live', true);
source.onerror = () =>
  say(source.readyState === EventSource.CLOSED ? 'refused: see the console' : 'away: connecting again', false);

source.onmessage = (event) => {
  const message = JSON.parse(event.data);
  show(
    message.deleted ? '(deleted)' : String(message.data),
    `${message.topic} · ${new Date(message.at).toLocaleTimeString()}`,
  );
  sessionStorage.setItem('place', event.lastEventId);
};

// What is no longer kept cannot be shown; never pass over it in silence.
source.addEventListener('missed', () => show('Some news is missing here: it is no longer kept.', ''));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = form.elements.text.value;
  const answer = await fetch(`${server}/v1/topics/news/browser`, { method: 'POST', body: text });
  if (answer.ok) {
    form.reset();
  } else {
    say((await answer.json()).detail, false);
  }
});

function say(text, isLive) {
  state.textContent = text;
  state.classList.toggle('live', isLive);
}

function show(text, about) {
  const item = document.createElement('li');
  const small = document.createElement('small');
  item.textContent = text;
  small.textContent = about;
  item.append(small);
  news.prepend(item);
  while (news.children.length > 100) {
    news.lastChild.remove();
  }
}
