// Where we are in a run: at the newest second, or somewhere in its history, which may be playing.

export const SPEEDS = [1, 2, 4, 8] as const;
export type Speed = (typeof SPEEDS)[number];

export type Playhead = {
  /** Follows the newest second. */
  live: boolean;
  /** Seconds of the run, with a fraction while it plays. Stands for nothing while live. */
  at: number;
  playing: boolean;
  speed: Speed;
};

/** What there is of a run. */
export type Extent = {
  /** The newest second. */
  newest: number;
  /** How long a second is. */
  secondMs: number;
  /** Whether more comes. */
  goesOn: boolean;
};

export const atLive = (speed: Speed): Playhead => ({ live: true, at: 0, playing: false, speed });

/** The second that is meant. */
export function secondOf(head: Playhead, { newest }: Extent): number {
  return head.live ? newest : clamp(Math.floor(head.at), newest);
}

/** Goes to a second and stays there, or plays on from there. */
export function seek(head: Playhead, second: number, { newest }: Extent): Playhead {
  return { ...head, live: false, at: clamp(Math.round(second), newest) };
}

/** Goes some seconds on or back. */
export function step(head: Playhead, by: number, extent: Extent): Playhead {
  return { ...seek(head, secondOf(head, extent) + by, extent), playing: false };
}

export function toLive(head: Playhead): Playhead {
  return { ...head, live: true, playing: false };
}

/** Plays, or stands still. At the end it begins anew. */
export function toggle(head: Playhead, extent: Extent): Playhead {
  if (head.playing) return { ...head, at: Math.floor(head.at), playing: false };
  if (!head.live && head.at < extent.newest) return { ...head, playing: true };
  // Whoever stops what is live wants to look at this second.
  if (head.live && extent.goesOn) return { ...head, live: false, at: extent.newest, playing: false };
  return { ...head, live: false, at: 0, playing: true };
}

export function nextSpeed(head: Playhead): Playhead {
  const index = SPEEDS.indexOf(head.speed);
  return { ...head, speed: SPEEDS[(index + 1) % SPEEDS.length] ?? 1 };
}

/**
 * Lets time pass. It doesn't go beyond `ready`, the last second whose picture is there; having caught up with a run that
 * goes on, it is live.
 */
export function pass(head: Playhead, ms: number, extent: Extent, ready: number): Playhead {
  if (!head.playing) return head;
  const at = head.at + (ms / extent.secondMs) * head.speed;
  if (at >= extent.newest) {
    if (ready < extent.newest) return { ...head, at: Math.max(head.at, Math.min(at, ready)) };
    return extent.goesOn ? toLive(head) : { ...head, at: extent.newest, playing: false };
  }
  return { ...head, at: Math.max(head.at, Math.min(at, ready + 0.999)) };
}

/** Whether "play" means "stop": something moves. */
export function moves(head: Playhead, { goesOn }: Extent): boolean {
  return head.playing || (head.live && goesOn);
}

/** "3:04", "1:02:05". */
export function clock(second: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(second % 60)}` : `${minutes}:${two(second % 60)}`;
}

function clamp(second: number, newest: number): number {
  return Math.max(0, Math.min(second, newest));
}
