// The symptoms that diaries ask for, by disease, read once; and the name of each in the reader's language.

import { get } from '../api/client.ts';
import type { ListedSymptom, SymptomCatalogue } from '../api/types.ts';
import { forgetWithSession } from '../shell/session.svelte.ts';
import { languageNow } from '../words/words.svelte.ts';

let known = $state.raw<Record<string, SymptomCatalogue>>({});
forgetWithSession(() => {
  known = {};
});

/** Reads the symptoms of a disease, unless they are here already. */
export async function readSymptoms(disease: string): Promise<void> {
  if (known[disease]) return;
  const read = await get<SymptomCatalogue>(`/diseases/${disease}/symptoms`);
  known = { ...known, [disease]: read };
}

/** Returns the symptoms of a disease in their order, or null while they are not read. */
export function symptomsOf(disease: string): SymptomCatalogue | null {
  return known[disease] ?? null;
}

/** Returns the name of a symptom in the reader's language; its word where it is not known yet. */
export function symptomName(word: string): string {
  for (const catalogue of Object.values(known)) {
    const found = catalogue.items.find((one) => one.symptom === word);
    if (found) return nameOf(found);
  }
  return word.replaceAll('_', ' ');
}

/** Returns the name of a listed symptom in the reader's language. */
export function nameOf(listed: ListedSymptom): string {
  return listed.names[languageNow()] ?? listed.names.en ?? listed.symptom;
}
