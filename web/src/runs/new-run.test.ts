import { describe, expect, it } from 'vitest';
import { begun, fieldOf, numberOf, toKeep, toRun } from './new-run.ts';

describe('a new run', () => {
  it('is sent as numbers', () => {
    const made = toRun({ ...begun(null, 7), name: ' Field ', infection_radius: '2,5' }, 'id');
    expect(made).toMatchObject({
      run: {
        run_id: 'id',
        name: 'Field',
        nodes: { safe: 100, infected: 5 },
        second_ms: 1000,
        parameters: { width: 100, infection_radius: 2.5, seed: 7, movement: 'waypoint' },
      },
    });
  });

  it('says each field that is not as it must be', () => {
    const typed = {
      ...begun(null, 7),
      width: '0',
      height: '65536',
      cooldown_s: '1.5',
      safe: '-1',
      infection_radius: 'x',
    };
    expect(toRun(typed, 'id')).toEqual({
      wrong: ['name', 'safe', 'width', 'height', 'infection_radius', 'cooldown_s'],
    });
    expect(toRun({ ...begun(null, 7), name: 'x'.repeat(81) }, 'id')).toEqual({ wrong: ['name'] });
    expect([numberOf('infection_radius', '63.75'), numberOf('infection_radius', '63.76')]).toEqual([63.75, null]);
  });

  it('begins with what was chosen last time, but another seed and name', () => {
    const last = { ...begun(null, 7), name: 'Field', width: '300', visibility: 'anybody' as const };
    expect(begun(JSON.parse(JSON.stringify(toKeep(last))), 8)).toEqual({ ...last, name: '', seed: '8' });
    expect(begun({ width: 'wide', movement: 'fly', seed: '9' }, 8)).toEqual(begun(null, 8));
  });

  it('knows which field the server means', () => {
    expect([fieldOf('parameters.width'), fieldOf('nodes.safe'), fieldOf('name'), fieldOf('wire')]).toEqual([
      'width',
      'safe',
      'name',
      null,
    ]);
  });
});
