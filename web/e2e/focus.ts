// What somebody without a mouse needs: the focus is always somewhere, and can be seen there.

import { expect, type Locator, type Page } from '@playwright/test';

/** More stops than any view here has between two things that one does after the other. */
const MOST_STOPS = 60;

declare global {
  interface Window {
    /** What had the focus when it was lost, frame by frame since `watchFocus`. */
    lostFocus?: string[];
  }
}

/** Looks at each frame from now on whether the focus is still somewhere. */
export async function watchFocus(page: Page) {
  await page.evaluate(() => {
    const lost: string[] = [];
    window.lostFocus = lost;
    let before = '';
    const look = () => {
      const now = document.activeElement;
      if (now && now !== document.body) {
        before = `${now.tagName.toLowerCase()} “${now.getAttribute('aria-label') ?? now.textContent?.trim()}”`;
      } else if (before) {
        lost.push(before);
        before = '';
      }
      requestAnimationFrame(look);
    };
    look();
  });
}

/** Since `watchFocus` there was no frame in which nothing had the focus. */
export async function expectNeverLost(page: Page) {
  expect(await page.evaluate(() => window.lostFocus)).toEqual([]);
}

/** Something has the focus, shows it, and is not covered or out of sight. */
export async function expectFocusInSight(page: Page) {
  const found = await page.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body) return 'nothing has the focus';
    const name = one.getAttribute('aria-label') ?? one.textContent?.trim().slice(0, 60) ?? '';
    const said = `${one.tagName.toLowerCase()} “${name}”`;
    // Inside a date field its button may have the focus; the ring is the field's.
    if (!one.matches(':focus-visible, input[type="date"]:focus-within')) return `${said} doesn't show its focus`;
    const hasRing = (of: Element) => {
      const style = getComputedStyle(of);
      const outlined = style.outlineStyle !== 'none' && !style.outlineColor.endsWith(', 0)');
      return outlined || style.boxShadow !== 'none';
    };
    // A field may leave the ring to its label, or to the search that it is part of.
    const shown = [one, one.closest('label, search, [role=search]')].find((of) => {
      const box = of?.getBoundingClientRect();
      return of && box && box.width > 4 && box.height > 4 && hasRing(of);
    });
    if (!shown) return `${said} has no ring`;
    const box = shown.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
    const seen = document.elementFromPoint(x, y);
    const isSeen = seen && (shown.contains(seen) || seen.contains(shown));
    return isSeen ? 'in sight' : `${said} is out of sight or covered`;
  });
  expect(found).toBe('in sight');
}

/** Presses Tab until something has the focus; it has to be in sight at each stop. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab') {
  await expect(target).toBeVisible();
  for (let n = 0; n < MOST_STOPS; n += 1) {
    await page.keyboard.press(key);
    await expectFocusInSight(page);
    if (await target.evaluate((one) => one === document.activeElement)) return;
  }
  throw new Error(`${target} was not reached`);
}

/** Presses keys on what has the focus. It may go elsewhere, but not get lost. */
export async function press(page: Page, ...keys: string[]) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expectFocusInSight(page);
  }
}

/** Closes a dialog; whatever opened it has the focus again. */
export async function closeDialog(page: Page, opener: Locator) {
  await press(page, 'Escape');
  // Closed at once, it goes a moment later, and until then it can't be opened again.
  await expect(page.locator('dialog')).toHaveCount(0);
  await expect(opener).toBeFocused();
  await expectFocusInSight(page);
}

/** Opens something by its name in the palette of all actions. */
export async function doByName(page: Page, name: string) {
  await page.keyboard.press('Control+k');
  await expectFocusInSight(page);
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}
