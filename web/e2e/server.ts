// A server of the test's own, so that a test can also kill it. The program comes from EPITRACE_BIN; where
// EPITRACE_URL names a server that runs already, tests that only read use that one.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 60_000;

export type Server = {
  url: string;
  /** The folder of its data. */
  data: string;
  /** The demo's password, or null on a server without one. */
  password: string | null;
  /** The first administrator's link, on a fresh server. */
  invitation: string | null;
  /** Ends it as a power cut would. */
  kill: () => Promise<void>;
  /** Starts it again on the same port and data. */
  restart: () => Promise<void>;
  /** Ends it and deletes its data. */
  end: () => Promise<void>;
};

// A test that fails before its end leaves no server behind.
const started = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

export function program(): string {
  const path = process.env.EPITRACE_BIN;
  if (!path) throw new Error('EPITRACE_BIN must name the program that these tests start');
  return path;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'epitrace-e2e-'));
}

/** Fills a folder with a made-up outbreak. */
export function makeUpCases(data: string, nCases: number) {
  execFileSync(program(), ['demo', '--cases', String(nCases), '--data', data], { stdio: 'ignore' });
}

/** Starts a server on a port of its own choice. */
export async function startServer({
  demo = false,
  data = temporaryFolder(),
  config = null,
}: {
  demo?: boolean;
  data?: string;
  /** A configuration, in TOML. */
  config?: string | null;
} = {}): Promise<Server> {
  let child: ChildProcess;
  const settings: string[] = [];
  if (config) {
    settings.push('--config', join(data, 'e2e.toml'));
    writeFileSync(join(data, 'e2e.toml'), config);
  }
  const run = async (port: string) => {
    const args = ['serve', '--listen', `127.0.0.1:${port}`, ...(demo ? ['--demo'] : []), '--data', data, ...settings];
    child = spawn(program(), args, { stdio: ['ignore', 'pipe', 'ignore'] });
    started.add(child);
    return firstWords(child, demo);
  };
  const words = await run('0');
  const url = /http:\/\/[^\s/]+/.exec(words)?.[0];
  if (!url) throw new Error(`the server did not say where it is: ${words}`);
  const kill = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url,
    data,
    password: /password: (.+)$/m.exec(words)?.[1]?.trim() ?? null,
    invitation: /http\S+\/invitation#\S+/.exec(words)?.[0] ?? null,
    kill,
    restart: async () => {
      await run(new URL(url).port);
    },
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Returns what a server says when it is ready: its address, and on a fresh one the first link. */
function firstWords(child: ChildProcess, demo: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const limit = setTimeout(() => reject(new Error(`the server said only: ${said}`)), START_MS);
    const fresh = { since: 0 };
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      const hasAddress = /^http:\/\/\S+.*\n/m.test(said);
      const isDone = hasAddress && (demo || said.includes('/invitation#'));
      if (isDone) {
        clearTimeout(limit);
        resolve(said);
      } else if (hasAddress && !fresh.since) {
        // A server whose data already has an administrator gives no link.
        fresh.since = 1;
        setTimeout(() => {
          clearTimeout(limit);
          resolve(said);
        }, 3_000);
      }
    });
  });
}
