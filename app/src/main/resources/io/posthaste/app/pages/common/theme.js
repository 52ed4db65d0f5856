// Light, dark, or as the system says. The choice is kept in this browser.

const KEY = 'posthaste-theme';
const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };
const SAID = { auto: 'as the system', light: 'light', dark: 'dark' };

function kept() {
  try {
    const theme = localStorage.getItem(KEY);
    return theme in NEXT ? theme : 'auto';
  } catch {
    return 'auto'; // storage is blocked: the choice then lasts as long as the page
  }
}

function keep(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // as above
  }
}

/** Makes a button change the theme, and calls `changed` whenever colours differ. */
export function themeButton(button, changed) {
  let theme = kept();
  const apply = () => {
    document.documentElement.dataset.theme = theme;
    button.dataset.theme = theme;
    button.setAttribute('aria-label', `Colours: ${SAID[theme]}. Change to ${SAID[NEXT[theme]]}.`);
    button.title = `Colours: ${SAID[theme]}`;
    changed();
  };
  button.addEventListener('click', () => {
    theme = NEXT[theme];
    keep(theme);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply();
}
