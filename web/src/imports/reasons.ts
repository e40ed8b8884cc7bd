// Why a row was refused, taken apart: the field that is at fault, so that its cell can be marked, and what is
// wrong with it, so that it can be said in the reader's language.

export type Reason = { field: string | null; why: string };

/** Returns the parts of a reason; without a field where the row as a whole is at fault. */
export function reasonOf(text: string): Reason {
  const named = /^([a-z_]+): (.+)$/.exec(text);
  if (named?.[1] && named[2]) return { field: named[1], why: named[2] };
  const missing = /^([a-z_]+) (is missing|is longer than \d+ characters|lies in the future)$/.exec(text);
  if (missing?.[1] && missing[2]) return { field: missing[1], why: missing[2] };
  return { field: / stands in row \d+ already$/.test(text) ? 'id' : null, why: text };
}
