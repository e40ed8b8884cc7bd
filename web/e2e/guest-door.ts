// A venue's door that answers as a test wants it to: its clock, its hours, its refusals. All files come from a real server,
// with its headers; what this door was told can be looked at.

import { createServer, type Server as HttpServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const VENUE = '7K3M9QX2AB';
export const TERRACE = '000000000T';
export const AT = `/g/MA/${VENUE}/${TERRACE}#name=${encodeURIComponent('Café Rosa')}&area=Terrace`;
/** When the tests take place: 20:02 at the venue. */
export const EVENING = '2026-11-26T19:02:11Z';

type Visit = Record<string, unknown> & {
  visit_id: string;
  secret: string;
  arrived_at: string;
  leaves_at: string | null;
};
type Refusal = { status: number; headers?: Record<string, string>; body?: unknown };

export class FakeDoor {
  url = '';
  /** The server's clock. */
  now = Date.parse(EVENING);
  venue = {
    name: 'Café Rosa',
    open: true,
    closes_at: '2026-11-26T22:00:00Z' as string | null,
    usual_stay_min: 90,
    asks_address: 'no',
    confirms_by_staff: false,
  };
  marks: string[] = [];
  /** What is on the list, by id. */
  readonly list = new Map<string, Visit>();
  /** Bodies that came, in order, with the path. */
  readonly heard: { path: string; body: Record<string, unknown> }[] = [];
  /** Answers to give instead, in order, to requests that change something. */
  readonly refusals: Refusal[] = [];
  readonly code = 'K7M2Q9XA';
  #server: HttpServer | undefined;

  async open(behind: string) {
    this.#server = createServer((asked, answer) => void this.#answer(asked, answer, behind));
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', () => resolve()));
    this.url = `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
    return this;
  }

  async close() {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  told(path: string) {
    return this.heard.filter((one) => one.path === path).map(({ body }) => body);
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse, behind: string) {
    const path = asked.url ?? '';
    if (!path.startsWith('/api/v1/')) return passOn(asked, answer, behind);
    const parts: Buffer[] = [];
    for await (const part of asked) parts.push(part as Buffer);
    const { status, headers, body } = this.#decide(path.slice('/api/v1'.length), Buffer.concat(parts).toString());
    answer.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(this.now).toUTCString(),
      ...headers,
    });
    answer.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #decide(path: string, text: string): Refusal {
    if (path.startsWith('/guest/')) return this.#door(path);
    const body = JSON.parse(text);
    this.heard.push({ path, body });
    const refusal = this.refusals.shift();
    if (refusal) return refusal;
    if (path === '/check-ins') return this.#checkIn(body.visits);
    if (path === '/check-outs') return this.#checkOut(body.visits);
    if (path === '/check-ins/deletions') {
      for (const { visit_id, secret } of body.visits) if (this.#proves(visit_id, secret)) this.list.delete(visit_id);
      return { status: 204 };
    }
    if (path === '/shared-visits' && body.code === this.code) {
      const visits = body.visits.map(({ visit_id, secret }: Visit) => ({
        visit_id,
        outcome: this.#proves(visit_id, secret) ? 'shared' : 'unknown',
      }));
      return { status: 200, body: { visits } };
    }
    return { status: 404, body: { status: 404 } };
  }

  #door(path: string): Refusal {
    if (!path.endsWith(VENUE)) return { status: 404, body: { status: 404 } };
    const areas = [{ area_id: TERRACE, name: 'Terrace' }];
    const authority = { short_code: 'MA', name: 'Mannheim', time_zone: 'Europe/Berlin', languages: ['de', 'en', 'tr'] };
    const now = new Date(this.now).toISOString();
    return { status: 200, body: { authority, venue: { venue_id: VENUE, areas, ...this.venue }, now } };
  }

  #checkIn(visits: Visit[]): Refusal {
    for (const [n, visit] of visits.entries()) {
      const age = this.now - Date.parse(visit.arrived_at);
      if (age < -300_000 || age > 86_400_000) return invalid(`visits.${n}.arrived_at`);
      if (!visit.phone && !visit.email) return invalid(`visits.${n}.phone`);
      const before = this.list.get(visit.visit_id);
      if (before && JSON.stringify(before) !== JSON.stringify(visit)) return { status: 409, body: { status: 409 } };
    }
    for (const visit of visits) this.list.set(visit.visit_id, visit);
    const answers = visits.map(({ visit_id, arrived_at, leaves_at }) => ({
      visit_id,
      arrived_at,
      leaves_at: leaves_at ?? '2026-11-26T22:00:00Z',
      deleted_on: '2026-12-11',
      marks: this.marks,
    }));
    return { status: 201, body: { visits: answers, venue: { name: this.venue.name, area: 'Terrace' } } };
  }

  #checkOut(visits: (Visit & { left_at: string })[]): Refusal {
    if (!visits.every(({ visit_id, secret }) => this.#proves(visit_id, secret))) return { status: 404, body: {} };
    return { status: 200, body: { visits: visits.map(({ visit_id, left_at }) => ({ visit_id, leaves_at: left_at })) } };
  }

  #proves(id: string, secret: string) {
    return this.list.get(id)?.secret === secret;
  }
}

export const invalid = (field: string): Refusal => ({
  status: 422,
  body: { status: 422, errors: [{ field, reason: '' }] },
});

function passOn(asked: IncomingMessage, answer: ServerResponse, behind: string) {
  const to = request(`${behind}${asked.url}`, { method: asked.method, headers: asked.headers }, (found) => {
    answer.writeHead(found.statusCode ?? 502, found.headers);
    found.pipe(answer);
  });
  to.on('error', () => answer.destroy());
  asked.pipe(to);
}
