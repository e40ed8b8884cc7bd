// The only place that speaks HTTP. Paths are relative to /api/v1; a failed request throws a Problem.

import { asProblem, kindOfStatus, Problem } from './problem.ts';
import type { ProblemBody } from './types.ts';

export const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;

export type Query = Record<string, string | number | boolean | null | undefined>;

let csrf: string | null = null;
let onSignedOut: () => void = () => {};

/** Sets the word that every changing request must carry, or forgets it. */
export function setCsrf(word: string | null) {
  csrf = word;
}

/** Sets what happens when the server no longer knows the session. */
export function whenSignedOut(then: () => void) {
  onSignedOut = then;
}

export const get = <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
  send<T>('GET', path + toSearch(query), { signal });
export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal) =>
  send<T>('POST', path, { body, signal });
export const put = <T>(path: string, body: unknown) => send<T>('PUT', path, { body });
export const patch = <T>(path: string, body: unknown) => send<T>('PATCH', path, { body });
export const remove = (path: string) => send<void>('DELETE', path, {});

/** Returns `?a=1&b=2`, without keys that have no value. */
export function toSearch(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** Sends what is wanted and returns the file that comes back. */
export async function download(path: string, body: unknown): Promise<Blob> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (csrf) headers['x-epitrace-csrf'] = csrf;
  const wanted = JSON.stringify(body);
  const sent = { method: 'POST', headers, body: wanted, credentials: 'same-origin', cache: 'no-store' } as const;
  const response = await fetch(BASE + path, sent).catch((error) => {
    throw asProblem(error);
  });
  if (!response.ok) throw await problemOf(response, path);
  return response.blob();
}

/** Reads bytes of a media type of their own. */
export async function getBytes(path: string, query: Query, accept: string, signal?: AbortSignal): Promise<Uint8Array> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(BASE + path + toSearch(query), {
      headers: { accept: `${accept}, application/problem+json` },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials: 'same-origin',
      cache: 'no-store',
    });
    if (!response.ok) throw await problemOf(response, path);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (signal?.aborted) throw error;
    throw asProblem(error);
  }
}

/** Returns the address of a stream. */
export function socketUrl(path: string): string {
  return new URL(BASE + path, window.location.href.replace(/^http/, 'ws')).href;
}

// As of when the oldest answer is that was read for a signal, where an answer shows no current picture.
const pictures = new WeakMap<AbortSignal, Date>();

/** Returns as of when what was read for a signal is; null if it is current. */
export const pictureOf = (signal: AbortSignal): Date | null => pictures.get(signal) ?? null;

function notePicture(response: Response, signal: AbortSignal | undefined) {
  const told = Date.parse(response.headers.get('epitrace-as-of') ?? '');
  if (!signal || Number.isNaN(told)) return;
  pictures.set(signal, new Date(Math.min(told, pictures.get(signal)?.getTime() ?? told)));
}

// What was read before, by path, for as long as the page is open: an unchanged answer isn't sent again.
const known = new Map<string, { etag: string; body: unknown }>();
const KNOWN_MAX = 40;

async function send<T>(
  method: string,
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal | undefined },
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['x-epitrace-csrf'] = csrf;
  const before = method === 'GET' ? known.get(path) : undefined;
  if (before) headers['if-none-match'] = before.etag;
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(BASE + path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    credentials: 'same-origin',
    cache: 'no-store',
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw asProblem(error);
  });
  notePicture(response, signal);
  if (response.status === 304 && before) return before.body as T;
  if (!response.ok) throw await problemOf(response, path);
  // Some answers say nothing: 204, and 202 where nobody may learn what comes of it.
  if (!response.headers.get('content-type')?.includes('json')) return undefined as T;
  const answer = (await response.json()) as T;
  const etag = response.headers.get('etag');
  if (method === 'GET' && etag) remember(path, etag, answer);
  return answer;
}

function remember(path: string, etag: string, body: unknown) {
  known.delete(path);
  known.set(path, { etag, body });
  const oldest = known.keys().next().value;
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}

/** Forgets everything that was read: someone else may sit here next. */
export function forgetAnswers() {
  known.clear();
}

async function problemOf(response: Response, path: string): Promise<Problem> {
  const body: Partial<ProblemBody> = await response.json().catch(() => ({}));
  return toProblem(response.status, body, response.headers.get('retry-after'), path);
}

function toProblem(status: number, body: Partial<ProblemBody>, retryAfter: string | null, path: string) {
  const seconds = Number.parseInt(retryAfter ?? '', 10);
  const problem = new Problem(kindOfStatus(status), {
    ...body,
    status,
    retry_after_s: Number.isNaN(seconds) ? null : seconds,
  });
  // Signing in answers 401 too, but there it means "wrong words", not "the session is over".
  if (problem.kind === 'signed-out' && !path.startsWith('/session')) onSignedOut();
  return problem;
}

/**
 * Sends a file and says how far it is, 0 to 1. The file's name goes in a header, since a name may be
 * personal data and paths end up in logs.
 */
export function upload<T>(
  path: string,
  file: Blob,
  name: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    // fetch can't report how much was sent.
    const request = new XMLHttpRequest();
    request.open('POST', BASE + path);
    request.responseType = 'text';
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-file-name', encodeURIComponent(name));
    if (csrf) request.setRequestHeader('x-epitrace-csrf', csrf);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onerror = () => reject(new Problem('offline'));
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status < 300) resolve(body as T);
      else reject(toProblem(request.status, body ?? {}, request.getResponseHeader('retry-after'), path));
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): Partial<ProblemBody> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
