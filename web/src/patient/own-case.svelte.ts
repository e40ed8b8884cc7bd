// What somebody tells about one case: typed, kept in this window until it is sent, and sent as soon as there is a network.

import { get, patch, post, put, remove } from '../api/client.ts';
import { asProblem, Problem } from '../api/problem.ts';
import { partsOf, readDay } from './dates.ts';
import { type Draft, emptyDraft, FIELDS, type Question, withAllTexts } from './flow.ts';
import type { Answers, NameContact, OwnContact, OwnContacts, OwnDetails, Questionnaire } from './types.ts';
import { languageNow } from './words.svelte.ts';

const TRY_AGAIN_MS = 4_000;
/** What is typed is kept in the window under names that begin so. */
export const KEPT = 'epitrace.typed.';

/** What was answered and not sent yet. */
type Unsent = { details: string[]; answers: boolean; none: boolean; contacts: NameContact[] };
const nothing = (): Unsent => ({ details: [], answers: false, none: false, contacts: [] });

/** By field: a word for what is wrong, or the field's own name where the server says so. */
export type Wrongs = Record<string, string>;

const DETAILS: Question[] = ['name', 'sex', 'address', 'phone', 'email'];
const yesNo = (answer: { is_so: boolean | null; text: string }) => ({ is_so: answer.is_so, text: answer.text || null });

export class OwnCaseWork {
  readonly caseId: string;
  readonly today: string;
  draft = $state<Draft>(emptyDraft());
  contacts = $state<OwnContact[]>([]);
  unsent = $state<Unsent>(nothing());
  ready = $state(false);
  offline = $state(false);
  savedAt = $state<Date | null>(null);
  /** What the server found wrong with something that was sent later. */
  late = $state.raw<Wrongs | null>(null);
  postcode = $state.raw<OwnDetails | null>(null);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(caseId: string, today: string) {
    this.caseId = caseId;
    this.today = today;
  }

  get #path() {
    return `/patient/cases/${this.caseId}`;
  }

  get isUnsent(): boolean {
    const { details, answers, none, contacts } = this.unsent;
    return details.length > 0 || answers || none || contacts.length > 0;
  }

  /** All contacts, also those that are not sent yet. */
  get named(): OwnContact[] {
    const waiting = this.unsent.contacts.map(({ contact_id, kind, first_day, last_day, said }) => {
      return { contact_id, kind, days: { first: first_day, last: last_day }, said };
    });
    return [...this.contacts, ...waiting];
  }

  /** Reads what is known, and puts over it what was typed in this window. */
  async open() {
    const kept = this.#kept();
    const [details, questionnaire, contacts] = await Promise.all([
      get<OwnDetails>(`${this.#path}/details`),
      get<Questionnaire>(`${this.#path}/questionnaire`),
      get<OwnContacts>(`${this.#path}/contacts`),
    ]);
    this.draft = kept?.draft ?? draftOf(details, questionnaire.answers, contacts);
    this.unsent = kept?.unsent ?? nothing();
    this.contacts = contacts.items;
    this.draft.nContacts = this.named.length;
    this.ready = true;
  }

  /** Watches for the network to come back. Returns what ends that. */
  watch(): () => void {
    const again = () => void this.sendLater();
    window.addEventListener('online', again);
    // Not every browser tells when the network is back.
    this.#timer = setInterval(again, TRY_AGAIN_MS);
    return () => {
      window.removeEventListener('online', again);
      clearInterval(this.#timer);
    };
  }

  /** Keeps what is typed in this window, until it closes. */
  keep() {
    const text = JSON.stringify({ draft: this.draft, unsent: this.unsent });
    try {
      sessionStorage.setItem(KEPT + this.caseId, text);
    } catch {
      // A browser that keeps nothing still works, until the page closes.
    }
  }

  #kept(): { draft: Draft; unsent: Unsent } | null {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT + this.caseId) ?? 'null');
    } catch {
      return null;
    }
  }

  /** Sends the answer to a question. Gives what is wrong; nothing where it is saved, or kept until there is a network. */
  async save(question: Question): Promise<Wrongs> {
    if (DETAILS.includes(question)) {
      const fields = [...FIELDS[question], ...(question === 'name' ? ['language'] : [])];
      this.unsent.details = [...new Set([...this.unsent.details, ...fields])];
    } else if (question === 'contacts') {
      this.unsent.none = true;
    } else if (question !== 'finish') {
      this.unsent.answers = true;
    }
    return this.#send();
  }

  async addContact(contact: NameContact): Promise<Wrongs> {
    this.unsent.contacts = [...this.unsent.contacts, contact];
    this.draft.saysNone = false;
    const wrong = await this.#send();
    // One that the server refuses is typed again, not kept.
    if (Object.keys(wrong).length > 0) this.unsent.contacts = this.unsent.contacts.filter((one) => one !== contact);
    this.draft.nContacts = this.named.length;
    return wrong;
  }

  async removeContact(contactId: string) {
    const isSent = this.contacts.some((one) => one.contact_id === contactId);
    if (isSent) await remove(`${this.#path}/contacts/${contactId}`);
    this.unsent.contacts = this.unsent.contacts.filter((one) => one.contact_id !== contactId);
    this.contacts = this.contacts.filter((one) => one.contact_id !== contactId);
    this.draft.nContacts = this.named.length;
  }

  async askElsewhere() {
    await post(`${this.#path}/elsewhere`);
  }

  async complete() {
    if (this.isUnsent) await this.#send();
    if (this.isUnsent) throw new Problem('offline');
    await post(`${this.#path}/completion`);
    forgetTyped();
  }

  /** Sends what waits, when there may be a network again. */
  async sendLater() {
    if (!this.isUnsent || !this.offline) return;
    const wrong = await this.#send();
    if (Object.keys(wrong).length > 0) this.late = wrong;
  }

  async #send(): Promise<Wrongs> {
    try {
      await this.#sendDetails();
      await this.#sendAnswers();
      await this.#sendContacts();
      this.offline = false;
      this.savedAt = new Date();
      return {};
    } catch (error) {
      const problem = asProblem(error);
      this.offline = problem.passes;
      if (problem.passes) return {};
      if (problem.fields.length === 0) throw problem;
      return Object.fromEntries(problem.fields.map(({ field }) => [field.split('.').pop() ?? field, field]));
    } finally {
      this.keep();
    }
  }

  async #sendDetails() {
    const names = this.unsent.details;
    if (names.length === 0) return;
    const value = (name: string) => {
      if (name === 'says_no_email') return this.draft.noEmail ? 'yes' : null;
      if (name === 'email' && this.draft.noEmail) return null;
      if (name === 'language') return languageNow();
      return this.draft.details[name]?.trim() || null;
    };
    const changes = Object.fromEntries(names.map((name) => [name, value(name)]));
    try {
      this.postcode = await patch<OwnDetails>(`${this.#path}/details`, { changes });
      this.unsent.details = [];
    } catch (error) {
      // What the server refuses is asked again; it isn't sent again until then.
      if (!asProblem(error).passes) this.unsent.details = [];
      throw error;
    }
  }

  async #sendAnswers() {
    if (!this.unsent.answers) return;
    try {
      await put(`${this.#path}/questionnaire`, answersOf(this.draft, this.today));
      this.unsent.answers = false;
    } catch (error) {
      if (!asProblem(error).passes) this.unsent.answers = false;
      throw error;
    }
  }

  async #sendContacts() {
    while (this.unsent.contacts[0]) {
      const contact = await post<OwnContact>(`${this.#path}/contacts`, this.unsent.contacts[0]);
      this.contacts = [...this.contacts, contact];
      this.unsent.contacts = this.unsent.contacts.slice(1);
      this.unsent.none = false;
    }
    if (!this.unsent.none) return;
    if (this.contacts.length === 0) await put(`${this.#path}/no-contacts`, { says_so: this.draft.saysNone });
    this.unsent.none = false;
  }
}

/** Forgets what was typed here: it is sent, or somebody else may sit here next. */
export function forgetTyped() {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(KEPT)) sessionStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept.
  }
}

function answersOf(draft: Draft, today: string): Answers {
  const dayOf = (parts: Draft['onset']) => {
    const read = readDay(parts, today);
    return 'day' in read ? read.day : null;
  };
  return {
    has_symptoms: draft.hasSymptoms,
    onset: draft.hasSymptoms ? dayOf(draft.onset) : null,
    symptoms: draft.hasSymptoms ? draft.symptoms : [],
    infected_on: dayOf(draft.infectedOn),
    infected_at: draft.infectedAt || null,
    family_doctor: draft.doctor || null,
    condition: yesNo(draft.condition),
    medical_staff: yesNo(draft.medical_staff),
    vulnerable_contact: yesNo(draft.vulnerable_contact),
  };
}

function draftOf(details: OwnDetails, answers: Answers, contacts: OwnContacts): Draft {
  const known = Object.entries(details.details).filter(([, value]) => value !== null);
  const told = (answer: { is_so?: boolean | null; text?: string | null }) => {
    return { is_so: answer.is_so ?? null, text: answer.text ?? '' };
  };
  return {
    details: withAllTexts(Object.fromEntries(known) as Record<string, string>),
    noEmail: details.details.says_no_email === 'yes',
    hasSymptoms: answers.has_symptoms ?? null,
    symptoms: [...answers.symptoms],
    onset: partsOf(answers.onset),
    infectedOn: partsOf(answers.infected_on),
    infectedAt: answers.infected_at ?? '',
    doctor: answers.family_doctor ?? '',
    condition: told(answers.condition),
    medical_staff: told(answers.medical_staff),
    vulnerable_contact: told(answers.vulnerable_contact),
    saysNone: contacts.says_no_contacts,
    nContacts: contacts.items.length,
  };
}
