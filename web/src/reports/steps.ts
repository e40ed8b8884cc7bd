// What a step of the report says: a bar of its parts, and the same in numbers.

import type { TimelinessStep } from '../api/types.ts';

/** The parts of a bar, in its order. */
export const PARTS = ['within_24', 'within_48', 'later', 'overdue', 'running'] as const;
export type Part = (typeof PARTS)[number];

/** Returns how many cases each part of a step's bar stands for. Together they are all cases of the step. */
export function partsOf(step: TimelinessStep): Record<Part, number> {
  return {
    within_24: step.within_24_h,
    within_48: step.within_48_h - step.within_24_h,
    later: step.reached - step.within_48_h,
    overdue: step.overdue,
    running: step.running,
  };
}

/** Returns the parts that there are, each with its share of the bar in percent. */
export function barOf(step: TimelinessStep): { part: Part; cases: number; percent: number }[] {
  const parts = partsOf(step);
  const all = step.due + step.running;
  return PARTS.filter((part) => parts[part] > 0).map((part) => ({
    part,
    cases: parts[part],
    percent: (parts[part] / all) * 100,
  }));
}

/** Contacts are asked of index cases; where nobody of a kind named any, the step says nothing of it. */
export function isShown(step: TimelinessStep, isIndex: boolean): boolean {
  const isOfContacts = step.name === 'contacts_named' || step.name === 'contacts_notified';
  return isIndex || !isOfContacts || step.reached > 0;
}
