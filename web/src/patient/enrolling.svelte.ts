// What somebody has typed on the way from the letter to an account: it is still there after they looked at another page,
// and gone with the window. Nothing of it is written down: there is a password in it.

import { type DayParts, noDay } from './dates.ts';
import type { OpenCode } from './types.ts';

type Enrolling = {
  code: string;
  open: OpenCode | null;
  born: DayParts;
  userName: string;
  password: string;
  accepts: boolean;
  /** In which language they saw what they accept. */
  acceptsIn: string;
};

const blank = (code: string): Enrolling => ({
  code,
  open: null,
  born: noDay(),
  userName: '',
  password: '',
  accepts: false,
  acceptsIn: '',
});

export const enrolling = $state(blank(''));

/** Begins with another code, or with none. */
export function beginWith(code: string) {
  Object.assign(enrolling, blank(code));
}
