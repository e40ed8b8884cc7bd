import { afterEach, expect, it, vi } from 'vitest';
import { BLOCK, begin, sendNext } from './sending.ts';
import { nobody } from './visitors.ts';

const CODE = { authority: 'MA', code: '7K3M9QX2' };

function answer(body: unknown) {
  return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } });
}
afterEach(() => vi.unstubAllGlobals());

it('sends the same block again after a lost connection, and counts it once', async () => {
  const lines = Array.from({ length: BLOCK + 1 }, (_, i) => ({ line: i + 2, visitor: nobody(`id-${i}`) }));
  const bodies: string[] = [];
  let n = 0;
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    bodies.push(body);
    n += 1;
    if (n === 1) throw new TypeError('no connection');
    const refused = n === 3 ? [{ at: 0, visitor_id: `id-${BLOCK}`, field: 'phone', reason: '' }] : [];
    const taken = JSON.parse(body).visitors.length - refused.length;
    return answer({ n_taken: taken, n_again: 0, refused, deleted_on: '2026-12-13' });
  });
  let way = begin(lines);
  await expect(sendNext(CODE, way)).rejects.toMatchObject({ kind: 'offline' });
  way = await sendNext(CODE, way);
  expect(bodies[1]).toBe(bodies[0]);
  way = await sendNext(CODE, way);
  expect(way).toMatchObject({ sent: BLOCK + 1, taken: BLOCK, deletedOn: '2026-12-13' });
  expect(way.refused).toEqual([{ line: BLOCK + 2, field: 'phone' }]);
});
