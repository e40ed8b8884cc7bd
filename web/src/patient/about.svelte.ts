// What an authority tells everybody: which texts there are, and what they say in the reader's language.

import { get } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import type { PublicText, PublicTexts } from './types.ts';

/** The texts that every authority has, in the order of the page's foot. */
export const REQUIRED = ['welcome', 'terms', 'data_protection', 'imprint'] as const;

/** Why a text isn't shown. */
export type WhyNot = 'no_authority' | 'no_text' | 'too_often' | 'no_network' | 'failed';

const path = (authority: string) => `/authorities/${encodeURIComponent(authority)}/texts`;

export const readTexts = (authority: string, signal?: AbortSignal) => get<PublicTexts>(path(authority), {}, signal);

/** Reads a text, or says why there is none. */
export async function readText(
  authority: string,
  kind: string,
  language: string,
  signal: AbortSignal,
): Promise<PublicText | WhyNot> {
  try {
    return await get<PublicText>(`${path(authority)}/${encodeURIComponent(kind)}`, { language }, signal);
  } catch (error) {
    return whyNot(error, async () => {
      // Not found may be the text or the authority; what to do differs.
      await readTexts(authority, signal);
      return 'no_text';
    });
  }
}

async function whyNot(error: unknown, look: () => Promise<WhyNot>): Promise<WhyNot> {
  const problem = asProblem(error);
  if (problem.kind === 'too-many') return 'too_often';
  if (problem.passes) return 'no_network';
  if (problem.kind !== 'not-found') return 'failed';
  return look().catch((inner) => (asProblem(inner).kind === 'not-found' ? 'no_authority' : 'failed'));
}
