// Who the visitor is: a person, the same in all tabs of this browser, with a name; and this tab. Nobody checks it.
//
// Presence knows people by one name without `/`, so it is given both: NAME~PERSON.

const LONGEST_NAME = 32;
const FORBIDDEN = /[/+#%]/g;

function random() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is kept under a key; made if there is none, and kept where the browser lets us. */
function kept(storage, key, make) {
  try {
    const found = storage().getItem(key);
    if (found) {
      return found;
    }
    const made = make();
    storage().setItem(key, made);
    return made;
  } catch {
    return make();
  }
}

export class Person {
  id = kept(() => localStorage, 'posthaste-person', random);
  tab = kept(() => sessionStorage, 'posthaste-tab', random);
  name = tidy(kept(() => localStorage, 'posthaste-name', () => `Guest ${100 + Math.floor(Math.random() * 900)}`));

  /** Takes another name; tells whether it is another. */
  rename(name) {
    const tidied = tidy(name);
    if (tidied === '' || tidied === this.name) {
      return false;
    }
    this.name = tidied;
    try {
      localStorage.setItem('posthaste-name', tidied);
    } catch {
      // It then lasts as long as the page.
    }
    return true;
  }

  /** As presence is told. */
  get as() {
    return `${this.name.replace(FORBIDDEN, encodeURIComponent)}~${this.id}`;
  }
}

/** A name on one line, not too long. */
export function tidy(name) {
  return String(name).toWellFormed().replace(/\p{C}+/gu, ' ').trim().slice(0, LONGEST_NAME).toWellFormed().trim();
}

/** Whom presence tells of. */
export function personOf(as) {
  const [, name, id] = /^(.*)~([0-9a-f]{16})$/.exec(as) ?? [null, as, as];
  try {
    return { name: tidy(decodeURIComponent(name)), id };
  } catch {
    return { name: tidy(name), id };
  }
}
