// What the page knows and does: where the guest stands, their visits on this phone, and what is on its way to the server.

import { type Place, placeOf } from './address.ts';
import { ask } from './ask.ts';
import type { Door } from './bodies.ts';
import { clockOffset, now, setClockOffset } from './clock.ts';
import { Pace } from './pace.ts';
import { tell } from './sending.ts';
import { isOver, isThere, isWaiting, newStay, type Party, type Person, type Stay } from './stays.ts';
import { inMemory, openStore, type Store } from './store.ts';

/** What the guest sees: the form, the receipt of a stay, or their visits. `correct` is a stay that was refused. */
export type Shown =
  | { view: 'form'; correct: Stay | null }
  | { view: 'receipt'; stay_id: string }
  | { view: 'deleted'; stay: Stay }
  | { view: 'visits' };
type Found = 'asking' | 'known' | 'unknown' | 'no_signal';

const TICK_MS = 20_000;

export class Guest {
  place = $state.raw<Place | null>(null);
  door = $state.raw<Door | null>(null);
  found = $state<Found>('asking');
  zone = $state<string | null>(null);
  stays = $state.raw<Stay[]>([]);
  me = $state.raw<Person | null>(null);
  shown = $state.raw<Shown>({ view: 'visits' });
  /** Whether the phone keeps what it knows when the page is closed. */
  keeps = $state(true);
  /** The stay that is being told of just now. */
  sending = $state<string | null>(null);
  now = $state(now());

  #store: Store = inMemory();
  #pace = new Pace();
  #running = false;
  #next: ReturnType<typeof setTimeout> | undefined;

  /** Reads what the phone keeps, and shows what fits: the receipt of who is here already, else the form. */
  async begin(path: string, fragment: string) {
    this.#store = await openStore();
    this.keeps = this.#store.keeps;
    this.place = placeOf(path, fragment);
    setClockOffset((await this.#store.get<number>('kept', 'clock')) ?? 0);
    this.me = await this.#store.get<Person>('kept', 'me');
    await this.#readStays();
    if (this.place) {
      this.door = await this.#store.get<Door>('kept', this.#doorKey());
      this.zone =
        this.door?.authority.time_zone ?? (await this.#store.get<string>('kept', `zone:${this.place.authority}`));
      const here = this.stays.find((stay) => this.#isHere(stay));
      this.shown = here ? { view: 'receipt', stay_id: here.stay_id } : { view: 'form', correct: null };
    }
  }

  /** Asks the door, tells what waits, and goes on doing so while the page is open. */
  work() {
    const wake = () => {
      this.now = now();
      void this.#readStays().then(() => this.run());
    };
    window.addEventListener('online', wake);
    window.addEventListener('pageshow', wake);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') wake();
    });
    setInterval(() => {
      this.now = now();
      void this.#clear();
    }, TICK_MS);
    void this.askDoor();
    void this.run();
  }

  async askDoor() {
    const place = this.place;
    if (!place) return;
    const answer = await ask('GET', `/guest/${place.authority}/${place.venue_id}`);
    this.#heardClock();
    if (answer?.status === 200) {
      const door = answer.body as Door;
      this.door = door;
      this.found = 'known';
      this.zone = door.authority.time_zone;
      // The names of the server count: anybody may write others behind the #.
      const area = door.venue.areas.find(({ area_id }) => area_id === place.area_id);
      this.place = { ...place, venue: door.venue.name, area_id: area?.area_id ?? null, area: area?.name ?? null };
      void this.#put('kept', this.#doorKey(), door);
      void this.#put('kept', `zone:${place.authority}`, this.zone);
    } else this.found = answer?.status === 404 ? 'unknown' : 'no_signal';
  }

  /** When the venue closes for who arrives now, where somebody knows it. */
  get closesAt(): string | null {
    const closes = this.door?.venue.closes_at ?? null;
    return closes && Date.parse(closes) > this.now ? closes : null;
  }

  stay(id: string) {
    return this.stays.find(({ stay_id }) => stay_id === id) ?? null;
  }

  /** Checks in. The receipt is there at once; a stay that was refused, and is corrected by this one, goes. */
  checkIn(party: Party, leaves: number | null, corrected: Stay | null) {
    const place = corrected?.place ?? this.place;
    if (!place) return;
    const isLate = corrected?.refused?.fields.some((field) => /arrived_at$/.test(field));
    // Who corrects a name arrived when they first said so.
    const arrived = corrected && !isLate ? Date.parse(corrected.arrived_at) : now();
    const stay = newStay(party, place, { arrived, leaves, zone: this.zone, clock_ms: clockOffset() });
    if (corrected) this.#forgetStay(corrected);
    this.#keepStay(stay);
    this.shown = { view: 'receipt', stay_id: stay.stay_id };
    void this.run();
  }

  /** Writes down when a stay ends; `left` where the guest has gone. A later one counts. */
  endStay(id: string, at: number, left: boolean) {
    const stay = this.stay(id);
    if (!stay) return;
    const end = new Date(at).toISOString();
    this.#keepStay({
      ...stay,
      ends_at: end,
      left_at: left ? end : null,
      to_check_out: end,
      refused: stay.entries ? stay.refused : null,
    });
    void this.run();
  }

  /** Deletes a stay: here at once what names anybody, at the server as soon as it hears of it. */
  remove(id: string) {
    const stay = this.stay(id);
    if (!stay) return;
    if (stay.entries && !stay.tried) {
      this.#forgetStay(stay);
      this.shown = { view: 'deleted', stay };
      return;
    }
    this.#keepStay({ ...stay, entries: null, to_check_out: null, refused: null, to_delete: true });
    void this.run();
  }

  /** Takes a refused stay off the phone. */
  drop(stay: Stay) {
    this.#forgetStay(stay);
    this.shown = this.place ? { view: 'form', correct: null } : { view: 'visits' };
  }

  remember(me: Person | null) {
    this.me = me;
    if (me) void this.#put('kept', 'me', me);
    else void this.#store.remove('kept', 'me').catch(() => undefined);
  }

  /** Tells the server what waits, one after the other; what comes to nothing is tried again later. */
  async run() {
    if (this.#running || !this.#pace.mayTry(Date.now())) return;
    this.#running = true;
    clearTimeout(this.#next);
    let failed: { wait_ms: number | null } | null = null;
    for (const { stay_id } of this.stays.filter(isWaiting)) {
      failed = (await this.#tellAll(stay_id)) ?? failed;
      if (failed && 'stop' in failed && failed.stop) break;
    }
    this.sending = null;
    this.#running = false;
    if (!failed) this.#pace.went();
    // What came in between, while one was told, is due at once.
    if (!failed && this.stays.some(isWaiting)) void this.run();
    if (failed)
      this.#next = setTimeout(() => void this.run(), this.#pace.failed(failed.wait_ms, Date.now(), Math.random()));
  }

  /** Tells all that is due for one stay. Returns what came to nothing. */
  async #tellAll(id: string): Promise<{ wait_ms: number | null; stop: boolean } | null> {
    for (;;) {
      const stay = this.stay(id);
      if (!stay || !isWaiting(stay)) return null;
      this.sending = id;
      if (stay.entries && !stay.tried) await this.#keepStay({ ...stay, tried: true });
      const outcome = await tell(this.stay(id) ?? stay);
      this.#heardClock();
      if ('again' in outcome) return outcome;
      const newest = this.stay(id);
      if (newest) this.#arrive(newest, outcome.turns(newest));
    }
  }

  #arrive(before: Stay, after: Stay | null) {
    const isShown = this.shown.view === 'receipt' && this.shown.stay_id === before.stay_id;
    if (!after) {
      this.#forgetStay(before);
      if (isShown) this.shown = { view: 'deleted', stay: before };
      return;
    }
    void this.#keepStay(after);
    if (isShown && isCorrectable(after)) this.shown = { view: 'form', correct: after };
  }

  #isHere(stay: Stay) {
    const { place } = this;
    return stay.place.venue_id === place?.venue_id && stay.place.area_id === place.area_id && isThere(stay, this.now);
  }

  #doorKey() {
    return `door:${this.place?.authority}/${this.place?.venue_id}`;
  }

  #heardClock() {
    this.now = now();
    void this.#put('kept', 'clock', clockOffset());
  }

  /** Reads the visits anew: another page of this phone may have told of them meanwhile. */
  async #readStays() {
    if (!this.#store.keeps) return;
    try {
      const found = await this.#store.all<Stay>('visits');
      this.stays = found.sort((a, b) => (a.arrived_at < b.arrived_at ? 1 : -1));
      await this.#clear();
    } catch {
      this.keeps = false;
    }
  }

  /** Forgets the visits whose day of deletion has come. */
  async #clear() {
    for (const stay of this.stays.filter((one) => isOver(one, now()))) this.#forgetStay(stay);
  }

  #keepStay(stay: Stay) {
    const others = this.stays.filter(({ stay_id }) => stay_id !== stay.stay_id);
    this.stays = [stay, ...others].sort((a, b) => (a.arrived_at < b.arrived_at ? 1 : -1));
    return this.#put('visits', stay.stay_id, stay);
  }

  #forgetStay(stay: Stay) {
    this.stays = this.stays.filter(({ stay_id }) => stay_id !== stay.stay_id);
    void this.#store.remove('visits', stay.stay_id).catch(() => undefined);
  }

  /** Keeps something; a phone that is full is told of, and the page goes on. */
  async #put(shelf: 'visits' | 'kept', key: string, value: unknown) {
    try {
      await this.#store.put(shelf, key, value);
    } catch {
      this.keeps = false;
    }
  }
}

/** Whether the guest can put right what was refused. */
export const isCorrectable = (stay: Stay) =>
  stay.entries !== null &&
  stay.refused !== null &&
  (stay.refused.status === 409 ||
    (stay.refused.status === 422 && !stay.refused.fields.some((field) => /arrived_at$/.test(field))));

export const guest = new Guest();
