// The phone's side of a sign-in: takes the code from the link, asks its owner, and answers.

import { post } from '../../common/post.js';

const SAID = {
  scanned: ['Is it you who signs in?', 'A page that shows this picture wants to be signed in. Say yes only if it is in front of you.'],
  confirmed: ['Confirmed', 'The other page is signed in now. This one can be closed.'],
  used: ['Signed in', 'The other page is signed in. This one can be closed.'],
  refused: ['Refused', 'Nobody was signed in.'],
  expired: ['Too late', 'Begin anew on the other page.'],
  none: ['This code leads nowhere', 'It may be too late, or was scanned before. Begin anew on the other page.'],
};

const part = (id) => document.getElementById(id);
const code = location.hash.slice(1);
const kept = `posthaste-sign-in ${code}`;
let secret;

function show(state, text) {
  const [title, usual] = SAID[state];
  part('ask').dataset.state = state;
  part('title').textContent = title;
  part('text').textContent = text ?? usual;
  part('form').hidden = state !== 'scanned';
}

function tell(error) {
  if (error.status === 404 || error.status === 400) {
    show('none');
  } else {
    part('text').textContent = `Not done: ${error.message}. Try again in a moment.`;
  }
}

async function scan() {
  secret = sessionStorage.getItem(kept);
  try {
    if (secret === null) {
      ({ secret } = await post('/demo/sign-in/scan', { code }));
      sessionStorage.setItem(kept, secret); // so that the page may be loaded anew
    }
    part('name').value = localStorage.getItem('posthaste-name') ?? 'Ada';
    show('scanned');
  } catch (error) {
    part('title').textContent = 'This did not work';
    tell(error);
  }
}

async function answer(as) {
  part('form').inert = true;
  try {
    const { state } = await post('/demo/sign-in/answer', { code, secret, as });
    show(state);
  } catch (error) {
    tell(error);
  } finally {
    part('form').inert = false;
  }
}

part('form').addEventListener('submit', (event) => {
  event.preventDefault();
  answer(part('name').value.trim() || 'Ada');
});
part('no').addEventListener('click', () => answer(''));
scan();
