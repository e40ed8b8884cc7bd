// A patient's diary on their telephone: typed, kept in this window until it is sent, and sent as soon as there is a network.

import { get, post, put } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import { isRare, readTemperature } from '../diary/diary.ts';
import { newId } from '../work/uuid.ts';
import { KEPT, type Wrongs } from './own-case.svelte.ts';
import { readCases } from './session.svelte.ts';
import type { NameContact, OwnContact, OwnContacts, OwnDiary, OwnDiarySlot } from './types.ts';
import { sayDegrees } from './words.svelte.ts';

const TRY_AGAIN_MS = 4_000;
/** What a thermometer for people can show; the server takes nothing else. */
const POSSIBLE_C = { least: 30, most: 45 };

/** What was typed for half a day, as it was typed. */
export type Typed = { temperature: string; isMeant: boolean; symptoms: string[]; contacts: string[]; note: string };
/** Somebody whom they added while they wrote an entry, on the way there. */
type Waiting = { contact: NameContact; who: string };
type Told = {
  temperature_c: number | null;
  temperature_confirmed: boolean;
  symptoms: string[];
  contacts: string[];
  note: string | null;
};
/** An entry on its way; `seen` says that there was one, and when that had been changed. */
type Entry = { key: string; entryId: string; seen: { changedAt: string | null } | null; told: Told; typed: Typed };
export type Wish = 'call_back' | 'be_read';
type Message = { id: string; wish: Wish; text: string | null };
/** By field, a word for what is wrong. */
export type WrongEntry = Partial<Record<'temperature' | 'meant' | 'entry', string>>;

export const keyOf = (slot: Pick<OwnDiarySlot, 'day' | 'part'>) => `${slot.day}-${slot.part}`;
export const noneTyped = (): Typed => ({ temperature: '', isMeant: false, symptoms: [], contacts: [], note: '' });

/** Says what is wrong with a temperature before it is sent. */
export function checkTemperature(typed: Typed): WrongEntry {
  const celsius = readTemperature(typed.temperature);
  if (celsius === undefined) return { temperature: 'temperature' };
  if (celsius === null) return {};
  if (celsius < POSSIBLE_C.least || celsius > POSSIBLE_C.most) return { temperature: 'temperature' };
  return isRare(celsius) && !typed.isMeant ? { meant: 'meant' } : {};
}

function toldOf(typed: Typed): Told {
  return {
    temperature_c: readTemperature(typed.temperature) ?? null,
    temperature_confirmed: typed.isMeant,
    symptoms: typed.symptoms,
    contacts: typed.contacts,
    note: typed.note.trim() || null,
  };
}

export class OwnDiaryWork {
  readonly caseId: string;
  diary = $state.raw<OwnDiary | null>(null);
  texts = $state<Record<Wish, string>>({ call_back: '', be_read: '' });
  entries = $state.raw<Entry[]>([]);
  /** Whom they named before, as the server has it. */
  contacts = $state.raw<OwnContact[]>([]);
  waiting = $state.raw<Waiting[]>([]);
  /** Whom the server refused after there was a network again. */
  lost = $state<string | null>(null);
  messages = $state.raw<Message[]>([]);
  /** By half day: what the server found wrong. */
  wrong = $state.raw<Record<string, WrongEntry>>({});
  offline = $state(false);
  failed = $state(false);
  /** What was just asked of the authority and has arrived. */
  arrived = $state<Wish | null>(null);
  #typed: Record<string, Typed> = {};
  /** Ids of persons whom the server refused. */
  #refused = new Set<string>();
  #sending = false;
  #isClosed = false;

  constructor(caseId: string) {
    this.caseId = caseId;
    this.#restore();
  }

  get #path() {
    return `/patient/cases/${this.caseId}`;
  }

  get isUnsent() {
    return this.entries.length > 0 || this.waiting.length > 0 || this.messages.length > 0;
  }

  /** All whom they named, also those who aren't sent yet. */
  get named(): OwnContact[] {
    const waiting = this.waiting.map(({ contact: { contact_id, kind, first_day, last_day, said } }) => {
      return { contact_id, kind, days: { first: first_day, last: last_day }, said };
    });
    return [...this.contacts, ...waiting];
  }

  slot(key: string): OwnDiarySlot | null {
    return this.diary?.items.find((slot) => keyOf(slot) === key) ?? null;
  }

  /** Returns a copy of what is typed for half a day; begins with what its entry says. */
  typedFor(slot: OwnDiarySlot): Typed {
    const key = keyOf(slot);
    return structuredClone(this.#typed[key] ?? this.#before(slot));
  }

  /** Keeps what is typed for half a day. What says no more than its entry isn't kept: that may change meanwhile. */
  type(slot: OwnDiarySlot, typed: Typed) {
    const key = keyOf(slot);
    if (JSON.stringify(typed) === JSON.stringify(this.#before(slot))) delete this.#typed[key];
    else this.#typed[key] = typed;
    this.keep();
  }

  #before(slot: OwnDiarySlot): Typed {
    const entry = slot.entry;
    const waiting = this.entries.find((one) => one.key === keyOf(slot));
    if (waiting) return waiting.typed;
    if (!entry) return noneTyped();
    const celsius = entry.temperature_c ?? null;
    return {
      temperature: celsius === null ? '' : sayDegrees(celsius),
      isMeant: celsius !== null && isRare(celsius),
      symptoms: entry.symptoms,
      contacts: entry.contacts,
      note: entry.note ?? '',
    };
  }

  async read() {
    try {
      this.diary = await get<OwnDiary>(`${this.#path}/diary`);
      this.offline = false;
      this.failed = false;
    } catch (error) {
      const problem = asProblem(error);
      this.offline = problem.passes;
      this.failed = !problem.passes;
      return;
    }
    await this.#send();
  }

  async readEarlier() {
    const known = this.diary;
    if (!known?.next) return;
    const more = await get<OwnDiary>(`${this.#path}/diary`, { before: known.next });
    this.diary = { ...known, items: [...known.items, ...more.items], next: more.next };
  }

  async readContacts() {
    try {
      this.contacts = (await get<OwnContacts>(`${this.#path}/contacts`)).items;
    } catch {
      // Without them everything else can be told.
    }
  }

  /** Adds somebody. Gives what is wrong; nothing where they are sent, or kept until there is a network. */
  async addContact(contact: NameContact, who: string): Promise<Wrongs> {
    this.waiting = [...this.waiting, { contact, who }];
    this.lost = null;
    const refused = await this.#send();
    const wrong = refused[contact.contact_id];
    // What is said at the form needn't be said again.
    if (wrong) this.lost = null;
    return wrong ?? {};
  }

  /** Sends the entry of half a day. Gives what is wrong; nothing where it is sent, or kept until there is a network. */
  async sendEntry(slot: OwnDiarySlot, typed: Typed): Promise<WrongEntry> {
    const key = keyOf(slot);
    const found = checkTemperature(typed);
    this.wrong = { ...this.wrong, [key]: found };
    if (Object.keys(found).length > 0) return found;
    const before = this.entries.find((one) => one.key === key);
    const entry: Entry = {
      key,
      entryId: slot.entry?.entry_id ?? before?.entryId ?? newId(),
      seen: slot.entry ? { changedAt: slot.entry.changed_at ?? null } : null,
      told: this.#toldOf(typed),
      typed,
    };
    this.entries = [...this.entries.filter((one) => one.key !== key), entry];
    await this.#send();
    return this.wrong[key] ?? {};
  }

  /** Asks the authority for something. Gives whether it arrived or is kept; `false` where it was refused. */
  async ask(wish: Wish): Promise<boolean> {
    const text = this.texts[wish].trim() || null;
    this.messages = [...this.messages, { id: newId(), wish, text }];
    this.failed = false;
    await this.#send();
    return !this.failed;
  }

  /** Watches for the network to come back. Returns what ends that. */
  watch(): () => void {
    const again = () => {
      if (this.offline) void (this.diary ? this.#send() : this.read());
    };
    window.addEventListener('online', again);
    // Not every browser tells when the network is back.
    const timer = setInterval(again, TRY_AGAIN_MS);
    return () => {
      window.removeEventListener('online', again);
      clearInterval(timer);
    };
  }

  keep() {
    if (this.#isClosed) return;
    const { texts, entries, messages, waiting, lost } = this;
    const text = JSON.stringify({ typed: this.#typed, texts, entries, messages, waiting, lost });
    try {
      sessionStorage.setItem(`${KEPT}diary.${this.caseId}`, text);
    } catch {
      // A browser that keeps nothing still works, until the page closes.
    }
  }

  #restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(`${KEPT}diary.${this.caseId}`) ?? 'null');
      if (!kept) return;
      this.#typed = kept.typed;
      this.texts = kept.texts;
      this.entries = kept.entries;
      this.messages = kept.messages;
      this.waiting = kept.waiting;
      this.lost = kept.lost;
    } catch {
      // Nothing was kept.
    }
  }

  /** Nothing of it is kept any more. */
  close() {
    this.#isClosed = true;
  }

  /** Sends what waits: whom they met before the entry that names them. Gives what is wrong with each person. */
  async #send(): Promise<Record<string, Wrongs>> {
    const refused: Record<string, Wrongs> = {};
    if (this.#sending) return refused;
    this.#sending = true;
    try {
      // What is added meanwhile goes too.
      while (this.isUnsent) {
        if (this.waiting[0]) Object.assign(refused, await this.#sendContact(this.waiting[0]));
        else if (this.entries[0]) await this.#sendEntry(this.entries[0]);
        else if (this.messages[0]) await this.#sendMessage(this.messages[0]);
      }
      this.offline = false;
    } catch (error) {
      this.offline = asProblem(error).passes;
    } finally {
      this.#sending = false;
      this.keep();
    }
    return refused;
  }

  async #sendContact(one: Waiting): Promise<Record<string, Wrongs>> {
    const { contact, who } = one;
    const done = () => {
      this.waiting = this.waiting.filter((other) => other !== one);
    };
    try {
      const known = await post<OwnContact>(`${this.#path}/contacts`, contact);
      done();
      this.contacts = [...this.contacts.filter((other) => other.contact_id !== known.contact_id), known];
      return {};
    } catch (error) {
      const problem = asProblem(error);
      if (problem.passes || problem.kind === 'signed-out') throw problem;
      done();
      this.#refuse(contact.contact_id);
      this.lost = who;
      const names = problem.fields.map(({ field }) => field.split('.').pop() ?? field);
      const wrong = names.length > 0 ? Object.fromEntries(names.map((name) => [name, name])) : { hint: 'failed' };
      return { [contact.contact_id]: wrong };
    }
  }

  /** No entry names somebody whom the server doesn't know. */
  #refuse(contactId: string) {
    this.#refused.add(contactId);
    this.entries = this.entries.map((entry) => ({ ...entry, told: this.#toldOf(entry.typed) }));
  }

  #toldOf(typed: Typed): Told {
    return toldOf({ ...typed, contacts: typed.contacts.filter((id) => !this.#refused.has(id)) });
  }

  async #sendEntry(entry: Entry) {
    const [day, part] = [entry.key.slice(0, 10), entry.key.slice(11)];
    const { told, entryId, seen } = entry;
    const done = () => {
      this.entries = this.entries.filter((one) => one !== entry);
    };
    try {
      const slot = seen
        ? await put<OwnDiarySlot>(`${this.#path}/diary/${entryId}`, { seen: seen.changedAt, ...told })
        : await post<OwnDiarySlot>(`${this.#path}/diary`, { entry_id: entryId, day, part, ...told });
      done();
      delete this.#typed[entry.key];
      if (this.diary) {
        const items = this.diary.items.map((one) => (keyOf(one) === entry.key ? slot : one));
        this.diary = { ...this.diary, items };
      }
    } catch (error) {
      const problem = asProblem(error);
      if (problem.passes || problem.kind === 'signed-out') throw problem;
      // What is refused is typed again, not sent again.
      done();
      this.#typed[entry.key] = entry.typed;
      const field = problem.fields[0]?.field;
      const word = problem.kind === 'conflict' ? 'taken' : field === 'day' ? 'late' : 'failed';
      const found: WrongEntry = field === 'temperature_c' ? { temperature: 'temperature' } : { entry: word };
      this.wrong = { ...this.wrong, [entry.key]: found };
      if (problem.kind === 'conflict') this.diary = await get<OwnDiary>(`${this.#path}/diary`);
    }
  }

  async #sendMessage(message: Message) {
    const done = () => {
      this.messages = this.messages.filter((one) => one !== message);
    };
    try {
      const { id, wish, text } = message;
      await post(`${this.#path}/messages`, { message_id: id, wish, text });
      done();
      this.texts[wish] = '';
      this.arrived = wish;
      await readCases();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.kind === 'too-many') {
        // It stays typed; whoever writes that often is asked to telephone.
        done();
        this.failed = true;
        return;
      }
      if (problem.passes || problem.kind === 'signed-out') throw problem;
      done();
      this.failed = true;
    }
  }
}

let works: Record<string, OwnDiaryWork> = {};

/** Returns the diary of a case as it is in this window, whichever page is open. */
export function diaryOf(caseId: string): OwnDiaryWork {
  works[caseId] ??= new OwnDiaryWork(caseId);
  return works[caseId];
}

/** Ends them for good: somebody else may sit here next. */
export function closeDiaries() {
  for (const work of Object.values(works)) work.close();
}

/** Lets go of them; what was kept comes back with who typed it. */
export function forgetDiaries() {
  works = {};
}
