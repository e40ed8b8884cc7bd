// Speaks to the server: one way for all, which hears its clock and how long it wants to be left alone.

import { hear } from './clock.ts';

/** An answer; null where none came. `wait_ms` is what Retry-After asks for. */
export type Answer = { status: number; body: unknown; wait_ms: number | null };

const LIMIT_MS = 20_000;

/** Returns the milliseconds that Retry-After asks for: seconds, or an instant. */
export function waitOf(header: string | null, at: number): number | null {
  if (!header) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - at);
}

/** Asks, and gives up after 20 seconds. */
export async function ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer | null> {
  // Phones from before 2018 can't break off a request; then it ends when the phone says so.
  const breaking = typeof AbortController === 'function' ? new AbortController() : null;
  const limit = setTimeout(() => breaking?.abort(), LIMIT_MS);
  const askedAt = Date.now();
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      // What is read is asked for again each time, and comes only if it changed.
      cache: method === 'GET' ? 'no-cache' : 'no-store',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: breaking?.signal ?? null,
    });
    hear(response.headers.get('date'), askedAt, Date.now());
    const text = await response.text();
    return {
      status: response.status,
      body: parsed(text),
      wait_ms: waitOf(response.headers.get('retry-after'), Date.now()),
    };
  } catch {
    return null;
  } finally {
    clearTimeout(limit);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
