// Quarantine in sentences: what the rules reckon, what was decided, why.

import type { ProposalReason, QuarantineDecision, QuarantineSheet, Reckoning, Sent, SentHow } from '../api/types.ts';
import { isDay } from '../days/days.ts';
import type { RulerOrder } from '../days/ruler.ts';
import { say, t } from '../words/words.svelte.ts';

/** Returns what the rules reckon: "until 14 March: 14 days after the last contact on 28 February". */
export function reckoned(by: Reckoning): string {
  const words = t().quarantine;
  const rules = by.rule_version === 0 ? words.builtIn : words.version(by.rule_version);
  return words.reckoned(say.day(by.last), by.n_days, words.basis[by.basis](say.day(by.basis_on)), rules);
}

/** Returns why the rules propose something: "new contact on 23 April". */
export function becauseOf(reason: ProposalReason, by: Reckoning | null): string {
  return t().quarantine.because[reason](by ? say.day(by.basis_on) : '');
}

const CODED = /^(became_case|later_contact|earlier_contact|onset_changed|test_changed|rules_changed)(?: (\S+))?$/;

/** Returns the reason of an entry of the history as it is read. */
export function reasonInWords(why: string | null): string | null {
  const [, reason, day] = CODED.exec(why ?? '') ?? [];
  if (!reason) return why === 'other days' ? t().quarantine.otherDays : why;
  return t().quarantine.because[reason as ProposalReason](isDay(day) ? say.day(day) : '');
}

/** Returns when and how somebody was told: "on 3 May by post". */
export function sentInWords(sent: Sent): string {
  return t().quarantine.sentOn(say.day(sent.on), t().quarantine.hows[sent.how]);
}

/** The same from an entry of the history: "2026-05-03 post". */
export function sentFromHistory(text: string): string {
  const [on = '', how = ''] = text.split(' ');
  const word = t().quarantine.hows[how as SentHow];
  return isDay(on) && word ? t().quarantine.sentOn(say.day(on), word) : text;
}

/** Returns a decision as the rest of a sentence that begins with who decided. */
export function decided(one: QuarantineDecision): string {
  const words = t().quarantine;
  const days = (set: QuarantineDecision['before']) => (set ? say.days(set.days) : '');
  const kind = words.kinds[(one.after ?? one.before)?.kind ?? 'quarantine'];
  const why = one.why ?? (one.reason && one.what !== 'dismissed' ? becauseOf(one.reason, one.reckoning) : null);
  const kindBefore = one.before ? words.kinds[one.before.kind] : kind;
  switch (one.what) {
    case 'ordered':
      return words.did.ordered(kind, days(one.after), why);
    case 'lifted':
      return words.did.lifted(kind, days(one.before), why);
    case 'dismissed':
      return words.did.dismissed(
        kind,
        days(one.after),
        one.reason ? becauseOf(one.reason, one.reckoning) : '',
        one.why,
      );
    default:
      return words.did.changed(kindBefore, days(one.before), kind, days(one.after), why);
  }
}

/** Returns the bars of the ruler. */
export function orderOf(sheet: QuarantineSheet | null): RulerOrder | null {
  if (!sheet?.set) return null;
  const words = t().quarantine;
  const { set, proposal, decisions } = sheet;
  const newest = decisions.find((one) => one.what !== 'dismissed');
  return {
    lane: words.kinds[set.kind],
    name: words.barUntil[set.kind](say.dayShort(set.days.last)),
    text: newest ? `${newest.account} ${decided(newest)}` : '',
    from: words.fromOrder,
    days: set.days,
    proposed: proposal
      ? {
          lane: words.proposed,
          name: words.barProposed(say.dayShort(proposal.proposed.days.last)),
          text: `${becauseOf(proposal.reason, proposal.reckoning)}. ${reckoned(proposal.reckoning)}`,
          from: words.fromRules,
          days: proposal.proposed.days,
        }
      : null,
  };
}
