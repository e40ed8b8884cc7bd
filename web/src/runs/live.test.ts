import { describe, expect, it } from 'vitest';
import { BadFrame } from './bytes.ts';
import { Live, type Now, QUIET_MS, type Socket, WAITS_MS } from './live.ts';

/** Time that stands until the test lets it pass, and sockets that do what the test says. */
function stage({ frame = (_: Uint8Array) => {} } = {}) {
  let now = 1_000;
  let waiting: { at: number; then: () => void }[] = [];
  const sockets: (Socket & { closed: boolean })[] = [];
  const told: string[] = [];
  const heard: Now[] = [];
  const live = new Live(
    () => {
      const socket = {
        onmessage: null,
        onclose: null,
        closed: false,
        close: () => {
          socket.closed = true;
        },
      };
      sockets.push(socket);
      return socket;
    },
    {
      now: () => now,
      random: () => 0.5,
      after: (ms, then) => {
        const entry = { at: now + ms, then };
        waiting.push(entry);
        return () => {
          waiting = waiting.filter((one) => one !== entry);
        };
      },
    },
    {
      now: (it) => heard.push(it),
      frame: (bytes) => {
        told.push(`frame ${[...bytes]}`);
        frame(bytes);
      },
      away: (since) => told.push(`away ${since}`),
      back: () => told.push('back'),
    },
  );
  return {
    live,
    sockets,
    told,
    heard,
    pass: (ms: number) => {
      const until = now + ms;
      for (;;) {
        const next = waiting.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        waiting = waiting.filter((one) => one !== next);
        now = next.at;
        next.then();
      }
      now = until;
    },
    say: (...bytes: number[]) => sockets.at(-1)?.onmessage?.({ data: Uint8Array.from(bytes).buffer }),
    waits: () => waiting.length,
  };
}
const NOW = [1, 7, 0, 0, 0, 0x40, 0x42, 0x0f, 0, 6, 0, 0, 0, 0, 0];

describe('the live stream', () => {
  it('says how things stand, and hands frames on', () => {
    const { live, told, heard, say } = stage();
    live.start();
    say(...NOW);
    say(2, 9, 8);
    say(1, 7, 0, 0, 0, 0x40, 0x42, 0x0f, 0, 255, 255, 255, 255, 2, 1);
    expect(heard).toEqual([
      { second: 7, secondUs: 1_000_000, newest: 6, state: 'running', late: false },
      { second: 7, secondUs: 1_000_000, newest: null, state: 'stopped', late: true },
    ]);
    expect(told).toEqual(['frame 9,8']);
  });

  it('comes back by itself, and waits longer each time that it fails', () => {
    const { live, sockets, told, say, pass } = stage();
    live.start();
    say(...NOW);
    pass(100);
    sockets[0]?.onclose?.();
    expect(told, 'it may be back at once').toEqual([]);
    for (const [failures, wait] of [...WAITS_MS, 15_000].entries()) {
      pass(wait - 1);
      expect(sockets).toHaveLength(failures + 1);
      pass(1);
      expect(sockets).toHaveLength(failures + 2);
      sockets.at(-1)?.onclose?.();
      expect(told).toEqual(['away 1000']);
    }
    pass(15_000);
    say(...NOW);
    expect(told).toEqual(['away 1000', 'back']);
    sockets.at(-1)?.onclose?.();
    pass(WAITS_MS[0] ?? 0);
    say(...NOW);
    expect(told, 'a stream that ends and comes back at once was never away').toEqual(['away 1000', 'back']);
  });

  it('takes silence for absence', () => {
    const { live, sockets, told, say, pass } = stage();
    live.start();
    pass(QUIET_MS - 1);
    say(...NOW);
    pass(QUIET_MS - 1);
    expect(sockets[0]?.closed).toBe(false);
    pass(1);
    expect([sockets[0]?.closed, told]).toEqual([true, []]);
    pass((WAITS_MS[0] ?? 0) + QUIET_MS);
    expect(told, 'nor does anybody answer').toHaveLength(1);
  });

  it('says so when nothing ever came', () => {
    const { live, sockets, told } = stage();
    live.start();
    sockets[0]?.onclose?.();
    expect(told).toEqual(['away null']);
  });

  it('begins anew when a frame is broken', () => {
    const { live, sockets, told, say, pass } = stage({
      frame: () => {
        throw new BadFrame('unknown');
      },
    });
    live.start();
    say(...NOW);
    say(2, 3);
    expect([told, sockets[0]?.closed]).toEqual([['frame 3'], true]);
    pass(WAITS_MS[0] ?? 0);
    expect(sockets).toHaveLength(2);
    say(...NOW);
    say(1, 2, 3);
    expect(sockets[1]?.closed, 'a message that is cut off is no better').toBe(true);
    expect(told).toEqual(['frame 3', 'away 1500']);
    pass(WAITS_MS[0] ?? 0);
    expect(sockets, 'it waits longer, although the server spoke').toHaveLength(2);
  });

  it('does not wait when the network is back, and is still after its end', () => {
    const { live, sockets, told, say, pass, waits } = stage();
    live.start();
    live.hurry();
    expect(sockets, 'it is being connected already').toHaveLength(1);
    sockets[0]?.onclose?.();
    live.hurry();
    expect(sockets).toHaveLength(2);
    say(...NOW);
    live.stop();
    expect([sockets[1]?.closed, waits()]).toEqual([true, 0]);
    live.hurry();
    pass(60_000);
    expect(sockets).toHaveLength(2);
    expect(told).toEqual(['away null', 'back']);
  });
});
