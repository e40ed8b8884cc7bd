// A job that runs on the server, followed to its end. The server tells each step; where the line breaks, it
// is asked instead, so that a proxy which holds back streams only makes it slower.

import { BASE, get } from '../api/client.ts';
import type { Job } from '../api/types.ts';

const ASK_MS = 2_000;
const OVER = ['done', 'failed', 'cancelled'];

export class FollowedJob {
  job = $state.raw<Job | null>(null);
  readonly share = $derived(this.job?.total ? this.job.done / this.job.total : null);
  readonly over = $derived(this.job !== null && OVER.includes(this.job.state));

  #stream: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended: (job: Job) => void;

  constructor(ended: (job: Job) => void) {
    this.#ended = ended;
  }

  follow(id: string) {
    this.end();
    this.#stream = new EventSource(`${BASE}/jobs/${id}/events`);
    this.#stream.addEventListener('job', (event) => this.#tell(JSON.parse(event.data)));
    this.#stream.onerror = () => {
      this.#stream?.close();
      if (!this.over) this.#timer = setTimeout(() => this.#ask(id), ASK_MS);
    };
  }

  end() {
    this.#stream?.close();
    clearTimeout(this.#timer);
  }

  async #ask(id: string) {
    try {
      this.#tell(await get<Job>(`/jobs/${id}`));
    } catch {
      // Asked again below.
    }
    if (!this.over) this.#timer = setTimeout(() => this.#ask(id), ASK_MS);
  }

  #tell(job: Job) {
    if (this.over && this.job?.job_id === job.job_id) return;
    this.job = job;
    if (!OVER.includes(job.state)) return;
    this.end();
    this.#ended(job);
  }
}
