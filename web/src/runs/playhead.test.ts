import { describe, expect, it } from 'vitest';
import {
  atLive,
  clock,
  type Extent,
  moves,
  nextSpeed,
  pass,
  secondOf,
  seek,
  step,
  toggle,
  toLive,
} from './playhead.ts';

const running: Extent = { newest: 100, secondMs: 1000, goesOn: true };
const over: Extent = { ...running, goesOn: false };
const ALL = 1000;

describe('the playhead', () => {
  it('follows the newest second until somebody looks back, and then stays', () => {
    const live = atLive(1);
    expect(secondOf(live, running)).toBe(100);
    expect(secondOf(live, { ...running, newest: 101 })).toBe(101);
    const back = seek(live, 40.4, running);
    expect([secondOf(back, running), secondOf(back, { ...running, newest: 300 })]).toEqual([40, 40]);
    expect(secondOf(step(live, -1, running), running)).toBe(99);
    expect(secondOf(seek(back, -3, running), running)).toBe(0);
    expect(secondOf(seek(back, 999, running), running)).toBe(100);
    expect(secondOf(toLive(back), running)).toBe(100);
  });

  it('plays as fast as the run was, times its speed', () => {
    const back = toggle(seek(atLive(4), 10, running), running);
    expect(pass(back, 500, running, ALL).at).toBeCloseTo(12);
    expect(pass(back, 500, { ...running, secondMs: 50 }, ALL).at).toBeCloseTo(50);
    expect(pass(seek(atLive(4), 10, running), 500, running, ALL).at).toBe(10);
  });

  it('waits for pictures that are not there yet', () => {
    const back = toggle(seek(atLive(8), 58, running), running);
    const waiting = pass(back, 1000, running, 59);
    expect(secondOf(waiting, running)).toBe(59);
    expect(secondOf(pass(waiting, 1000, running, 59), running)).toBe(59);
    expect(secondOf(pass(waiting, 1000, running, ALL), running)).toBe(67);
  });

  it('is live when it catches up, and stands at the end of a run that is over', () => {
    const back = toggle(seek(atLive(8), 99, over), over);
    expect(pass(back, 1000, running, ALL)).toMatchObject({ live: true, playing: false });
    expect(pass(back, 1000, over, ALL)).toMatchObject({ live: false, at: 100, playing: false });
  });

  it('stops what is live at the newest second, and plays a run that is over from its beginning', () => {
    expect(toggle(atLive(1), running)).toMatchObject({ live: false, at: 100, playing: false });
    expect(toggle(atLive(1), over)).toMatchObject({ live: false, at: 0, playing: true });
    expect(toggle(seek(atLive(1), 100, over), over)).toMatchObject({ at: 0, playing: true });
    const playing = toggle(seek(atLive(1), 7, over), over);
    expect(toggle({ ...playing, at: 7.8 }, over)).toMatchObject({ at: 7, playing: false });
    expect([moves(atLive(1), running), moves(atLive(1), over), moves(playing, over)]).toEqual([true, false, true]);
  });

  it('has four speeds, round and round', () => {
    expect(nextSpeed(atLive(4)).speed).toBe(8);
    expect(nextSpeed(atLive(8)).speed).toBe(1);
  });

  it('writes seconds as a clock does', () => {
    expect([clock(0), clock(184), clock(3725)]).toEqual(['0:00', '3:04', '1:02:05']);
  });
});
