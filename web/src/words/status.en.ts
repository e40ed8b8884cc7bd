// How the installation stands, for who runs it: what was found, and what to do. The command line says the same
// (`app::condition::told`).

import type { SignKind } from '../api/types.ts';
import { counting } from './plurals.ts';

const n = counting('en-GB');
const seconds = (count: number) =>
  count < 120
    ? n(count, { one: '# second', other: '# seconds' })
    : count < 7_200
      ? n(Math.round(count / 60), { one: '# minute', other: '# minutes' })
      : n(Math.round(count / 3_600), { one: '# hour', other: '# hours' });
const days = (count: number) => n(count, { one: '# day', other: '# days' });
const ms = (count: number) =>
  Math.abs(count) < 1_000 ? n(count, { other: '# ms' }) : seconds(Math.round(Math.abs(count) / 1_000));

type Said = { found: (n: number) => string; never?: string; todo: string };

const signs: Record<SignKind, Said> = {
  keys_locked: {
    found: () => 'Names can’t be opened: the keyring is missing or locked.',
    todo: 'Bring the keyring to where the configuration says, and unlock it. Names stay locked until then.',
  },
  certificate_ended: {
    found: () => 'The certificate has ended.',
    todo: 'Have a new one signed, put it in the place of the old one, and start the servers again, one after the other.',
  },
  certificate_ends: {
    found: (count) => `The certificate ends in ${days(count)}.`,
    todo: 'Have a new one signed, put it in the place of the old one, and start the servers again, one after the other.',
  },
  clock_off: {
    found: (count) => `The clock is ${ms(count)} ${count > 0 ? 'ahead of' : 'behind'} the database’s.`,
    todo: 'See that chrony or ntpd runs on every host. Deadlines, sessions and days follow the clock.',
  },
  disk_low: {
    found: () => 'The disk is nearly full: less than 1 GB is free.',
    todo: 'Make room, or move the data folder to a larger disk.',
  },
  files_low: {
    found: (count) => `The server may have ${n(count, { other: '#' })} files open. A busy one needs more.`,
    todo: 'Set LimitNOFILE=65536 in its unit, and start it again.',
  },
  server_silent: {
    found: (count) => `The server has said nothing for ${seconds(count)}.`,
    todo: 'See whether its host runs and reaches the database. One that was taken away leaves this list after a day.',
  },
  versions_differ: {
    found: () => 'Servers run different versions.',
    todo: 'Finish the update: start the others again with the same version.',
  },
  proxy_unexpected: {
    found: () => 'Requests come with x-forwarded-for, and behind_proxy is false.',
    todo: 'Where a proxy stands before the server, set behind_proxy = true: else all callers share one limit. Where none does, somebody sends it by hand, and it is ignored.',
  },
  public_url_missing: {
    found: () => 'Nobody said under which address people outside reach the installation.',
    todo: 'Set public_url in [server]: links in mails and letters begin with it.',
  },
  schema_ahead: {
    found: () => 'The database is newer than this server knows.',
    todo: 'Update this server too. Until then it does what its version can.',
  },
  primary_is_standby: {
    found: () => 'What should be the primary is a standby, and takes no writes.',
    todo: 'See with patronictl list which host is the primary, and that the balancers lead to it.',
  },
  commits_dont_wait: {
    found: () => 'Commits don’t wait: synchronous_commit is off or local.',
    todo: 'Set synchronous_commit = on with patronictl edit-config.',
  },
  no_standby_waited_for: {
    found: () => 'No commit waits for a standby: what was acknowledged could be lost with the primary.',
    todo: 'Set synchronous_mode and synchronous_mode_strict with patronictl edit-config, and see that standbys run.',
  },
  standby_missing: {
    found: () => 'Commits wait for a standby, and there is none: nothing can be stored.',
    todo: 'Start the hosts of the standbys. patronictl list says which are away.',
  },
  one_standby: {
    found: () => 'One standby has what is acknowledged. Without it nothing can be stored.',
    todo: 'Bring the other standby back: patronictl list says which is away, its log says why.',
  },
  standby_not_streaming: {
    found: () => 'The standby doesn’t follow the primary.',
    todo: 'Look into its log. Where it can’t catch up, patronictl reinit copies it anew.',
  },
  standby_behind: {
    found: (count) => (count ? `The standby is ${ms(count)} behind.` : 'The standby is far behind.'),
    todo: 'See whether its disk or network is busy. Nobody is sent to it while it is behind.',
  },
  standbys_unseen: {
    found: () => 'Standbys can’t be seen.',
    todo: 'As a superuser: GRANT pg_monitor TO epitrace_jobs.',
  },
  archive_fails: {
    found: () => 'The log of the database can’t be archived.',
    todo: 'See archive_command in PostgreSQL’s log. The log grows on the primary’s disk until it works.',
  },
  archive_late: {
    found: (count) => `The log of the database was last archived ${seconds(count)} ago.`,
    todo: 'See whether archive_command hangs, and whether the host of backups is full. The log grows on the primary’s disk meanwhile.',
  },
  log_away: {
    found: () => 'The event log doesn’t answer. Nodes keep what they can’t report.',
    todo: 'See that the brokers run and can be reached. Nothing is lost meanwhile.',
  },
  log_is_another: {
    found: () => 'More is stored than there is in the event log: it is another one, or lost its end.',
    todo: 'Set another name in [event_log] topic. What nodes report from then on is stored.',
  },
  reports_wait: {
    found: (count) => `${n(count, { one: '# record waits', other: '# records wait' })} to be stored.`,
    todo: 'See that epitrace consume runs and reaches the database. More members go faster.',
  },
  reports_lost: {
    found: (count) => `${n(count, { one: '# record was', other: '# records were' })} deleted before anybody stored it.`,
    todo: 'Consumers were away for longer than [event_log] kept_days. Runs of that time miss these reports.',
  },
  reports_put_aside: {
    found: (count) => `${n(count, { one: '# report', other: '# reports' })} couldn’t be stored.`,
    todo: 'Somebody sends what isn’t a report, or reports of runs that were deleted. They are kept for 14 days.',
  },
  jobs_wait: {
    found: (count) => `A job has waited for ${seconds(count)}.`,
    todo: 'See that a server runs. A long import keeps others waiting; a second server takes some of them.',
  },
  jobs_failed: {
    found: (count) => `${n(count, { one: '# job', other: '# jobs' })} failed within a day.`,
    todo: 'Each says why on the page of imports and exports of its authority.',
  },
  mails_wait: {
    found: (count) => `A mail has waited for ${seconds(count)}.`,
    todo: 'See that [mail] is set and the mail server takes mail. The server’s log says why it doesn’t.',
  },
  mails_failed: {
    found: (count) => `${n(count, { one: '# mail', other: '# mails' })} couldn’t be delivered.`,
    todo: 'See why under Mail in the settings of the authority, correct the address, and try again.',
  },
  mails_held: {
    found: (count) => `${n(count, { one: '# mail is', other: '# mails are' })} kept back since a restore.`,
    todo: 'They may have gone before. Let go of them with: epitrace messages release.',
  },
  retention_late: {
    found: (count) => `What is over was last deleted ${days(count)} ago.`,
    never: 'Nobody noted that what is over was deleted.',
    todo: 'See that a server runs all day. Without one have a timer run: epitrace retention run.',
  },
  backup_late: {
    found: (count) => `A backup was last written ${days(count)} ago.`,
    never: 'No backup is noted.',
    todo: 'Have a timer run epitrace backup each night, in a cell pgBackRest, and try a restore now and then.',
  },
};

export const status = {
  title: 'How it stands',
  open: 'How it stands',
  what: 'how the installation stands',
  lookedAt: (time: string) => `Looked at ${time}.`,
  again: 'Look again',
  signs: 'What to look at',
  allWell: 'Nothing: all that can be seen is well.',
  verdicts: { broken: 'broken', warning: 'look' } as Record<string, string>,
  about: (name: string) => `${name}: `,
  found: (kind: SignKind, count: number | null): string => {
    const said = signs[kind];
    return count === null && said.never ? said.never : said.found(count ?? 0);
  },
  todo: (kind: SignKind): string => signs[kind].todo,
  servers: 'Servers',
  server: 'Server',
  state: 'State',
  states: { serving: 'serves', draining: 'is ending', aside: 'stands aside', silent: 'says nothing' } as Record<
    string,
    string
  >,
  thisOne: 'this one',
  seen: 'Last heard',
  version: 'Version',
  since: 'Runs since',
  certificate: 'Certificate holds until',
  noCertificate: 'none',
  clock: 'Clock, compared with the database',
  ahead: (count: number) => (count === 0 ? 'the same' : `${ms(count)} ${count > 0 ? 'ahead' : 'behind'}`),
  disk: 'Free on its disk',
  keys: 'Names',
  keysOpen: 'can be opened',
  keysLocked: 'locked',
  database: 'Database',
  kind: 'Kind',
  kinds: { sqlite: 'SQLite, a file of this server', postgresql: 'PostgreSQL' } as Record<string, string>,
  schema: 'Step of the schema',
  size: 'Size',
  waitsFor: 'A commit waits for',
  nobody: 'nobody',
  archived: 'Log last archived',
  never: 'never',
  connections: 'Connections of this server',
  pool: (name: string, inUse: number, most: number) => `${name}: ${inUse} of ${most} in use`,
  standbys: 'Standbys',
  standby: 'Standby',
  noStandbys: 'None is connected.',
  standbyStates: {
    streaming: 'follows',
    catchup: 'catches up',
    startup: 'starts',
    backup: 'is being copied',
    stopping: 'stops',
  } as Record<string, string>,
  waitedFor: 'A commit waits for it',
  yes: 'yes',
  no: 'no',
  behind: 'Behind',
  notBehind: 'not at all',
  behindBy: (bytes: string, time: number | null) => (time === null ? bytes : `${bytes}, ${ms(time)}`),
  eventLog: 'Event log',
  logKinds: {
    none: 'none: there is no proximity network here',
    folder: 'in the data folder',
    brokers: 'Apache Kafka',
  } as Record<string, string>,
  where: 'Where',
  answers: 'Answers',
  partitions: 'Partitions',
  waiting: 'Records that wait',
  notKnown: 'not known',
  lost: 'Deleted before they were stored',
  putAside: 'Reports put aside',
  work: 'Work that waits',
  jobs: 'Jobs',
  jobsAre: (waiting: number, running: number) =>
    `${n(waiting, { one: '# waits', other: '# wait' })}, ${running} under way`,
  mails: 'Mails',
  mailsAre: (waiting: number, failed: number) =>
    `${n(waiting, { one: '# waits', other: '# wait' })}, ${failed} not delivered`,
  oldest: (time: number) => `the oldest for ${seconds(time)}`,
  daysOpen: 'Days of check-ins that aren’t packed',
  backup: 'Last backup',
  retention: 'Last deletion of what is over',
  notNoted: 'not noted',
};
