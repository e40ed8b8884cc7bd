import { describe, expect, it } from 'vitest';
import { AMENDMENT, KEY, PART } from './frames.ts';
import { History } from './history.ts';
import { readStored } from './stored.ts';
import { amendment, keyFrame, placingPart, steppingPart, stored, type Written } from './written.ts';

const node = (no: number, x: number, heardAt = 0): Written => ({
  no,
  x,
  y: 0,
  health: 0,
  alive: true,
  steps: true,
  heardAt,
});

/** A run in which node 0 steps right each second, in frames of two minutes. */
function walk(asked: string[], chain = 0) {
  return async (from: number, to: number) => {
    asked.push(`${from}-${to}`);
    const frames = [];
    for (let second = from; second <= to; second += 1) {
      if (second % 60 === 0) {
        const known = second === 0 ? [] : [node(0, second - 1, second - 1)];
        frames.push({ second, kind: KEY, chain, bytes: keyFrame(second, known) });
      }
      const bytes = second === 0 ? placingPart(0, [node(0, 0)]) : steppingPart(second, [0], [0]);
      frames.push({ second, kind: PART, chain, bytes });
    }
    return stored(frames);
  };
}

describe('the history of a run', () => {
  it('is read by minutes, once, and shows each second, back and forth', async () => {
    const asked: string[] = [];
    const history = new History(walk(asked), () => 0);
    history.reaches(200, true);
    expect(history.has(70)).toBe(false);
    expect(history.show(70)).toBeNull();
    await Promise.all([history.want(70), history.want(75), history.want(5)]);
    for (const second of [70, 71, 119, 60, 0, 59, 61]) expect(history.show(second)?.x[0], `${second}`).toBe(second);
    expect(asked).toEqual(['60-119', '0-59']);
  });

  it('is asked again for a minute that was not over, or is old while the run goes on', async () => {
    const asked: string[] = [];
    let now = 0;
    const history = new History(walk(asked), () => now);
    history.reaches(30, false);
    await history.want(20);
    expect([history.has(30), history.has(31)]).toEqual([true, false]);
    expect([history.readyUntil(20), history.readyUntil(70)]).toEqual([30, 59]);
    history.reaches(40, false);
    await history.want(35);
    now = 31_000;
    expect(history.has(10)).toBe(false);
    expect(history.show(10)?.x[0], 'the old answer is shown until then').toBe(10);
    history.reaches(40, true);
    await history.want(10);
    now = 99_000;
    expect(history.has(10)).toBe(true);
    expect(asked).toEqual(['0-59', '0-59', '0-59']);
  });

  it('keeps a few minutes and lets the oldest go', async () => {
    const asked: string[] = [];
    const history = new History(walk(asked), () => 0);
    history.reaches(10_000, true);
    for (let minute = 0; minute < 7; minute += 1) await history.want(minute * 60);
    expect([history.has(0), history.has(60)]).toEqual([false, true]);
    expect([history.readyUntil(70), history.readyUntil(3)], 'so far without a gap').toEqual([419, -1]);
  });

  it('unites the chains, and begins each at its own key frame', async () => {
    const answer = stored([
      { second: 58, kind: KEY, chain: 1, bytes: keyFrame(58, [node(1, 11, 57)]) },
      { second: 60, kind: PART, chain: 0, part: 1, bytes: steppingPart(60, [0], [0]) },
      { second: 60, kind: KEY, chain: 0, bytes: keyFrame(60, [node(0, 5, 59)]) },
      { second: 60, kind: AMENDMENT, chain: 0, bytes: amendment(60, [node(2, 33, 58)]) },
    ]);
    const history = new History(
      async () => answer,
      () => 0,
    );
    history.reaches(60, true);
    await history.want(60);
    const picture = history.show(60);
    expect([picture?.x[0], picture?.x[1], picture?.x[2]]).toEqual([6, 11, 33]);
    expect(readStored(answer).map((frame) => frame.kind)).toEqual([KEY, KEY, AMENDMENT, PART]);
  });

  it('asks again after a failure', async () => {
    let fails = true;
    const asked: string[] = [];
    const load = walk(asked);
    const history = new History(
      (from, to) => (fails ? Promise.reject(new Error('away')) : load(from, to)),
      () => 0,
    );
    history.reaches(9, true);
    await expect(history.want(3)).rejects.toThrow('away');
    fails = false;
    await history.want(3);
    expect(history.show(3)?.x[0]).toBe(3);
  });
});
