// A hand that taps and types on a telephone, and counts what it does. What each action costs somebody is a model, so that the
// suite needs no clock; at a person's pace the same hand takes that time indeed, and says how long it took.

import type { Locator, Page } from '@playwright/test';

/**
 * Milliseconds that somebody takes. Words: 238 a minute, silent reading of adults (Brysbaert 2019, doi
 * 10.1016/j.jml.2019.104047). Letters and decisions are assumed; docs/book/patient.md says what follows.
 */
export const PACE = { decisionMs: 1_500, letterMs: 200, wordMs: 252 };

const isSlow = process.env.EPITRACE_PACE === 'human';

export class Hand {
  /** Buttons, boxes and choices that were tapped. */
  taps = 0;
  /** Fields that were typed into. */
  fields = 0;
  letters = 0;
  /** Words that were read. */
  words = 0;
  readonly #known = new Set<string>();
  readonly #page: Page;
  readonly #begun = performance.now();

  constructor(page: Page) {
    this.#page = page;
  }

  /** Reads every line that stands in a place; a line that was there before, but for its numbers, isn't read again. */
  async read(where: Locator = this.#page.locator('main')) {
    let n = 0;
    for (const line of (await where.innerText()).split('\n')) {
      const known = line.replaceAll(/\d+/g, '0').trim();
      if (this.#known.has(known)) continue;
      this.#known.add(known);
      n += line.split(/\s+/).filter((word) => /\p{L}|\d/u.test(word)).length;
    }
    this.words += n;
    await this.#take(n * PACE.wordMs);
  }

  async tap(what: Locator) {
    this.taps += 1;
    await this.#take(PACE.decisionMs);
    await what.click();
  }

  /** Types into a field, which somebody must find first. */
  async type(where: Locator, text: string) {
    this.fields += 1;
    this.letters += text.length;
    await this.#take(PACE.decisionMs);
    if (isSlow) await where.pressSequentially(text, { delay: PACE.letterMs });
    else await where.fill(text);
  }

  get actions() {
    return this.taps + this.fields;
  }

  /** Seconds that this takes somebody, by the model. */
  get seconds() {
    const ms = this.actions * PACE.decisionMs + this.letters * PACE.letterMs + this.words * PACE.wordMs;
    return Math.round(ms / 1_000);
  }

  /** At a person's pace, says how long it took by the clock. */
  tell(what: string) {
    if (!isSlow) return;
    const took = Math.round((performance.now() - this.#begun) / 1_000);
    const { taps, fields, letters, words, seconds } = this;
    console.log(
      `${what}: ${took} s; ${taps} taps, ${fields} fields, ${letters} letters, ${words} words; model ${seconds} s`,
    );
  }

  async #take(ms: number) {
    if (isSlow) await this.#page.waitForTimeout(ms);
  }
}
