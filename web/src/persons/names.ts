// What a person is called on screen.

type Named = { first_name: string | null; last_name: string | null; reference: string | null };

/** Returns the name, else the reference of the file the person came from, else an empty text. */
export function personName({ first_name, last_name, reference }: Named): string {
  return [first_name, last_name].filter(Boolean).join(' ') || reference || '';
}
