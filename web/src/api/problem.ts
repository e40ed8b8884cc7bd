// What went wrong with a request, as a value that a view can put into words.

import { t } from '../words/words.svelte.ts';
import type { FieldError, ProblemBody } from './types.ts';

/** Why a request gave nothing. `offline` and `timeout` never reached an answer. */
export type ProblemKind =
  | 'offline'
  | 'timeout'
  | 'signed-out'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'too-large'
  | 'too-many'
  | 'unavailable'
  | 'internal';

export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly status: number;
  readonly title: string;
  readonly #detail: string | null;
  readonly hint: string | null;
  readonly requestId: string | null;
  readonly fields: FieldError[];
  /** Seconds to wait before trying again, where the server said so. */
  readonly retryAfterS: number | null;

  constructor(kind: ProblemKind, from: Partial<ProblemBody> & { retry_after_s?: number | null } = {}) {
    super(from.title ?? kind);
    this.kind = kind;
    this.status = from.status ?? 0;
    this.title = from.title ?? '';
    this.#detail = from.detail ?? null;
    this.hint = from.hint ?? null;
    this.requestId = from.request_id ?? null;
    this.fields = from.errors ?? [];
    this.retryAfterS = from.retry_after_s ?? null;
  }

  /** What the server says, in the reader's language. */
  get detail(): string | null {
    return this.#detail && t().told(this.#detail);
  }

  /** Says whether the same request may succeed by itself a little later. */
  get passes(): boolean {
    return ['offline', 'timeout', 'unavailable', 'too-many'].includes(this.kind);
  }

  /** Returns what the server says about one field, or null. */
  field(name: string): string | null {
    return this.fields.find((error) => error.field === name)?.reason ?? null;
  }
}

/** Returns the kind of problem that a status stands for. */
export function kindOfStatus(status: number): ProblemKind {
  if (status === 401) return 'signed-out';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 413) return 'too-large';
  if (status === 429) return 'too-many';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  if (status >= 500) return 'internal';
  return 'invalid';
}

/** Returns the problem that an error is, so that nothing thrown stays without words. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') return new Problem('timeout');
  if (error instanceof TypeError) return new Problem('offline');
  return new Problem('internal', { title: error instanceof Error ? error.message : String(error) });
}
