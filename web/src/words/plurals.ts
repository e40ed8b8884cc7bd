// How a language counts. The forms are those of Intl.PluralRules, so that a language with more or fewer
// of them (Turkish has two, Polish four) is written in its own file without code.

export type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** Returns a function that writes a number with the fitting form; `#` stands for the number. */
export function counting(locale: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (n, forms) => (forms[rules.select(n)] ?? forms.other).replaceAll('#', numbers.format(n));
}
