// What a person chose on this computer: language, theme, keys, columns. Nothing about any case.

const PREFIX = 'epitrace.';

function read<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** A value that outlives the page. A browser that keeps nothing still works, until the page closes. */
export class Preference<T> {
  readonly #name: string;
  #value: T;

  constructor(name: string, otherwise: T) {
    this.#name = name;
    this.#value = $state.raw(read(name, otherwise));
  }

  get now(): T {
    return this.#value;
  }

  set now(value: T) {
    this.#value = value;
    try {
      localStorage.setItem(PREFIX + this.#name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden.
    }
  }
}

export type Theme = 'system' | 'light' | 'dark';

export const theme = new Preference<Theme>('theme', 'system');
export const singleKeys = new Preference<boolean>('single-keys', true);

/** Shows the theme that was chosen. */
export function applyTheme(choice: Theme) {
  theme.now = choice;
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}
