// Wie die Installation steht, für den Betrieb: was gefunden wurde und was zu tun ist.

import type { SignKind } from '../api/types.ts';
import { counting } from './plurals.ts';
import type { status as English } from './status.en.ts';

const n = counting('de-DE');
const time = (count: number) =>
  count < 120
    ? n(count, { one: '# Sekunde', other: '# Sekunden' })
    : count < 7_200
      ? n(Math.round(count / 60), { one: '# Minute', other: '# Minuten' })
      : n(Math.round(count / 3_600), { one: '# Stunde', other: '# Stunden' });
const days = (count: number) => n(count, { one: '# Tag', other: '# Tagen' });
const ms = (count: number) =>
  Math.abs(count) < 1_000 ? n(Math.abs(count), { other: '# ms' }) : time(Math.round(Math.abs(count) / 1_000));

type Said = { found: (n: number) => string; never?: string; todo: string };

const signs: Record<SignKind, Said> = {
  keys_locked: {
    found: () => 'Namen lassen sich nicht öffnen: Der Schlüsselbund fehlt oder ist verschlossen.',
    todo: 'Bringen Sie den Schlüsselbund dorthin, wo die Konfiguration ihn nennt, und öffnen Sie ihn. Bis dahin bleiben Namen verschlossen.',
  },
  certificate_ended: {
    found: () => 'Das Zertifikat ist abgelaufen.',
    todo: 'Lassen Sie ein neues ausstellen, legen Sie es an die Stelle des alten, und starten Sie die Server nacheinander neu.',
  },
  certificate_ends: {
    found: (count) => `Das Zertifikat läuft in ${days(count)} ab.`,
    todo: 'Lassen Sie ein neues ausstellen, legen Sie es an die Stelle des alten, und starten Sie die Server nacheinander neu.',
  },
  clock_off: {
    found: (count) => `Die Uhr geht gegenüber der Datenbank ${ms(count)} ${count > 0 ? 'vor' : 'nach'}.`,
    todo: 'Prüfen Sie, ob auf jedem Rechner chrony oder ntpd läuft. Fristen, Sitzungen und Tage richten sich nach der Uhr.',
  },
  disk_low: {
    found: () => 'Die Platte ist fast voll: Weniger als 1 GB ist frei.',
    todo: 'Schaffen Sie Platz, oder legen Sie den Datenordner auf eine größere Platte.',
  },
  files_low: {
    found: (count) =>
      `Der Server darf ${n(count, { other: '#' })} Dateien offen haben. Bei viel Betrieb reicht das nicht.`,
    todo: 'Setzen Sie LimitNOFILE=65536 in seiner Unit, und starten Sie ihn neu.',
  },
  server_silent: {
    found: (count) => `Der Server hat sich seit ${time(count)} nicht gemeldet.`,
    todo: 'Prüfen Sie, ob sein Rechner läuft und die Datenbank erreicht. Ein abgebauter verschwindet nach einem Tag von hier.',
  },
  versions_differ: {
    found: () => 'Die Server haben verschiedene Versionen.',
    todo: 'Schließen Sie die Aktualisierung ab: Starten Sie die übrigen mit derselben Version neu.',
  },
  proxy_unexpected: {
    found: () => 'Anfragen kommen mit x-forwarded-for, und behind_proxy ist false.',
    todo: 'Steht ein Proxy davor, setzen Sie behind_proxy = true: Sonst teilen sich alle Aufrufer eine Grenze. Steht keiner davor, sendet es jemand von Hand, und es wird nicht beachtet.',
  },
  public_url_missing: {
    found: () => 'Niemand hat gesagt, unter welcher Adresse die Installation von außen erreicht wird.',
    todo: 'Setzen Sie public_url in [server]: Links in Mails und Briefen beginnen damit.',
  },
  schema_ahead: {
    found: () => 'Die Datenbank ist neuer, als dieser Server kennt.',
    todo: 'Aktualisieren Sie auch diesen Server. Bis dahin tut er, was seine Version kann.',
  },
  primary_is_standby: {
    found: () => 'Was die Hauptdatenbank sein soll, ist eine Kopie und nimmt nichts an.',
    todo: 'Sehen Sie mit patronictl list nach, welcher Rechner die Hauptdatenbank hat, und ob die Verteiler dorthin führen.',
  },
  commits_dont_wait: {
    found: () => 'Gespeichertes wird bestätigt, ehe es sicher ist: synchronous_commit ist off oder local.',
    todo: 'Setzen Sie synchronous_commit = on mit patronictl edit-config.',
  },
  no_standby_waited_for: {
    found: () => 'Auf keine Kopie wird gewartet: Bestätigtes kann mit der Hauptdatenbank verloren gehen.',
    todo: 'Setzen Sie synchronous_mode und synchronous_mode_strict mit patronictl edit-config, und prüfen Sie, ob die Kopien laufen.',
  },
  standby_missing: {
    found: () => 'Auf eine Kopie wird gewartet, und es gibt keine: Nichts kann gespeichert werden.',
    todo: 'Starten Sie die Rechner der Kopien. patronictl list sagt, welche fehlen.',
  },
  one_standby: {
    found: () => 'Eine einzige Kopie hat, was bestätigt ist. Ohne sie kann nichts gespeichert werden.',
    todo: 'Holen Sie die andere Kopie zurück: patronictl list sagt, welche fehlt, ihr Protokoll, warum.',
  },
  standby_not_streaming: {
    found: () => 'Die Kopie folgt der Hauptdatenbank nicht.',
    todo: 'Sehen Sie in ihr Protokoll. Kann sie nicht aufholen, kopiert patronictl reinit sie neu.',
  },
  standby_behind: {
    found: (count) => (count ? `Die Kopie liegt ${ms(count)} zurück.` : 'Die Kopie liegt weit zurück.'),
    todo: 'Prüfen Sie, ob ihre Platte oder das Netz beschäftigt ist. Solange sie zurückliegt, fragt sie niemand.',
  },
  standbys_unseen: {
    found: () => 'Die Kopien sind nicht zu sehen.',
    todo: 'Als Superuser: GRANT pg_monitor TO epitrace_jobs.',
  },
  archive_fails: {
    found: () => 'Das Protokoll der Datenbank lässt sich nicht archivieren.',
    todo: 'Sehen Sie im Protokoll von PostgreSQL nach archive_command. Bis es geht, wächst es auf der Platte der Hauptdatenbank.',
  },
  archive_late: {
    found: (count) => `Das Protokoll der Datenbank wurde zuletzt vor ${time(count)} archiviert.`,
    todo: 'Prüfen Sie, ob archive_command hängt und ob der Rechner der Sicherungen voll ist. Solange wächst es auf der Platte der Hauptdatenbank.',
  },
  log_away: {
    found: () => 'Das Ereignisprotokoll antwortet nicht. Knoten behalten, was sie nicht melden können.',
    todo: 'Prüfen Sie, ob die Broker laufen und erreichbar sind. Verloren geht solange nichts.',
  },
  log_is_another: {
    found: () => 'Gespeichert ist mehr, als das Ereignisprotokoll hat: Es ist ein anderes oder hat sein Ende verloren.',
    todo: 'Setzen Sie einen anderen Namen in [event_log] topic. Was Knoten danach melden, wird gespeichert.',
  },
  reports_wait: {
    found: (count) =>
      `${n(count, { one: '# Meldung wartet', other: '# Meldungen warten' })} darauf, gespeichert zu werden.`,
    todo: 'Prüfen Sie, ob epitrace consume läuft und die Datenbank erreicht. Mit mehr Mitgliedern geht es schneller.',
  },
  reports_lost: {
    found: (count) =>
      `${n(count, { one: '# Meldung wurde', other: '# Meldungen wurden' })} gelöscht, ehe jemand sie gespeichert hat.`,
    todo: 'Niemand hat länger als [event_log] kept_days gespeichert. Läufen dieser Zeit fehlen diese Meldungen.',
  },
  reports_put_aside: {
    found: (count) => `${n(count, { one: '# Meldung ließ', other: '# Meldungen ließen' })} sich nicht speichern.`,
    todo: 'Jemand sendet, was keine Meldung ist, oder Meldungen zu gelöschten Läufen. Sie bleiben 14 Tage.',
  },
  jobs_wait: {
    found: (count) => `Ein Auftrag wartet seit ${time(count)}.`,
    todo: 'Prüfen Sie, ob ein Server läuft. Ein langer Import lässt andere warten; ein zweiter Server nimmt welche ab.',
  },
  jobs_failed: {
    found: (count) =>
      `${n(count, { one: '# Auftrag ist', other: '# Aufträge sind' })} in den letzten 24 Stunden gescheitert.`,
    todo: 'Warum, steht beim Auftrag unter Import oder Export der Behörde.',
  },
  mails_wait: {
    found: (count) => `Eine Mail wartet seit ${time(count)}.`,
    todo: 'Prüfen Sie, ob [mail] gesetzt ist und der Mailserver annimmt. Warum er es nicht tut, steht im Protokoll des Servers.',
  },
  mails_failed: {
    found: (count) => `${n(count, { one: '# Mail ließ', other: '# Mails ließen' })} sich nicht zustellen.`,
    todo: 'Warum, steht unter Mail in den Einstellungen der Behörde. Berichtigen Sie die Adresse, und versuchen Sie es neu.',
  },
  mails_held: {
    found: (count) =>
      `${n(count, { one: '# Mail wird', other: '# Mails werden' })} seit einer Wiederherstellung zurückgehalten.`,
    todo: 'Sie können schon gegangen sein. Freigegeben werden sie mit: epitrace messages release.',
  },
  retention_late: {
    found: (count) => `Abgelaufenes wurde zuletzt vor ${days(count)} gelöscht.`,
    never: 'Dass Abgelaufenes gelöscht wurde, ist nicht vermerkt.',
    todo: 'Prüfen Sie, ob ein Server den ganzen Tag läuft. Ohne ihn startet ein Timer: epitrace retention run.',
  },
  backup_late: {
    found: (count) => `Zuletzt wurde vor ${days(count)} gesichert.`,
    never: 'Keine Sicherung ist vermerkt.',
    todo: 'Lassen Sie einen Timer jede Nacht epitrace backup starten, in einer Zelle pgBackRest, und proben Sie ab und zu eine Wiederherstellung.',
  },
};

export const status: typeof English = {
  title: 'Zustand',
  open: 'Zustand',
  what: 'der Zustand der Installation',
  lookedAt: (at) => `Stand ${at}.`,
  again: 'Neu nachsehen',
  signs: 'Was anzusehen ist',
  allWell: 'Nichts: Alles, was zu sehen ist, ist in Ordnung.',
  verdicts: { broken: 'gestört', warning: 'ansehen' },
  about: (name) => `${name}: `,
  found: (kind, count) => {
    const said = signs[kind];
    return count === null && said.never ? said.never : said.found(count ?? 0);
  },
  todo: (kind) => signs[kind].todo,
  servers: 'Server',
  server: 'Server',
  state: 'Zustand',
  states: { serving: 'bedient', draining: 'beendet sich', aside: 'hält sich zurück', silent: 'meldet sich nicht' },
  thisOne: 'dieser',
  seen: 'Zuletzt gemeldet',
  version: 'Version',
  since: 'Läuft seit',
  certificate: 'Zertifikat gilt bis',
  noCertificate: 'keines',
  clock: 'Uhr, verglichen mit der Datenbank',
  ahead: (count) => (count === 0 ? 'gleich' : `geht ${ms(count)} ${count > 0 ? 'vor' : 'nach'}`),
  disk: 'Frei auf der Platte',
  keys: 'Namen',
  keysOpen: 'lassen sich öffnen',
  keysLocked: 'verschlossen',
  database: 'Datenbank',
  kind: 'Art',
  kinds: { sqlite: 'SQLite, eine Datei dieses Servers', postgresql: 'PostgreSQL' },
  schema: 'Schritt des Schemas',
  size: 'Größe',
  waitsFor: 'Gewartet wird auf',
  nobody: 'niemanden',
  archived: 'Protokoll zuletzt archiviert',
  never: 'nie',
  connections: 'Verbindungen dieses Servers',
  pool: (name, inUse, most) => `${name}: ${inUse} von ${most} in Gebrauch`,
  standbys: 'Kopien',
  standby: 'Kopie',
  noStandbys: 'Keine ist verbunden.',
  standbyStates: {
    streaming: 'folgt',
    catchup: 'holt auf',
    startup: 'startet',
    backup: 'wird kopiert',
    stopping: 'endet',
  },
  waitedFor: 'Auf sie wird gewartet',
  yes: 'ja',
  no: 'nein',
  behind: 'Rückstand',
  notBehind: 'keiner',
  behindBy: (bytes, late) => (late === null ? bytes : `${bytes}, ${ms(late)}`),
  eventLog: 'Ereignisprotokoll',
  logKinds: {
    none: 'keines: Hier gibt es kein Netz der Nähe',
    folder: 'im Datenordner',
    brokers: 'Apache Kafka',
  },
  where: 'Wo',
  answers: 'Antwortet',
  partitions: 'Partitionen',
  waiting: 'Wartende Meldungen',
  notKnown: 'nicht bekannt',
  lost: 'Gelöscht, ehe sie gespeichert waren',
  putAside: 'Beiseitegelegte Meldungen',
  work: 'Was wartet',
  jobs: 'Aufträge',
  jobsAre: (waiting, running) => `${n(waiting, { one: '# wartet', other: '# warten' })}, ${running} in Arbeit`,
  mails: 'Mails',
  mailsAre: (waiting, failed) => `${n(waiting, { one: '# wartet', other: '# warten' })}, ${failed} nicht zugestellt`,
  oldest: (late) => `am längsten seit ${time(late)}`,
  daysOpen: 'Tage mit Check-ins, die noch nicht gepackt sind',
  backup: 'Letzte Sicherung',
  retention: 'Letzte Löschung von Abgelaufenem',
  notNoted: 'nicht vermerkt',
};
