// What the texts are called, and where each is written.

import { t } from '../words/words.svelte.ts';

export type Group = 'public' | 'message';

export const nameOf = (group: Group, kind: string): string =>
  (group === 'public' ? t().texts.publicKinds[kind] : t().mail.kinds[kind]) ?? kind;

export const hrefOf = (group: Group, kind: string, language: string) => `/settings/texts/${group}/${kind}/${language}`;
