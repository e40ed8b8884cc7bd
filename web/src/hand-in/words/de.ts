// Wörter der Seite, auf der Listen abgegeben werden.

import type { HandInWords } from './en.ts';

export const words: HandInWords = {
  product: 'Liste abgeben',
  language: 'Sprache',
  problem: 'Es gibt ein Problem',
  failed: 'Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.',
  offline:
    'Der Server ist nicht zu erreichen. Was Sie eingegeben haben, ist noch da. Versuchen Sie es gleich noch einmal.',
  tooMany: 'Zu viele Versuche. Warten Sie eine Weile.',
  codeTitle: 'Abgeben, wer da war',
  codeText:
    'Das Gesundheitsamt hat Ihnen einen Code gegeben. Niemand kann hier lesen, was andere abgegeben haben, auch Sie nicht.',
  code: 'Code',
  codeHint: '8 Buchstaben und Ziffern',
  codeWrong: 'Dieser Code gilt nicht. Prüfen Sie ihn, oder rufen Sie das Gesundheitsamt an.',
  goOn: 'Weiter',
  listTitle: 'Wer war da?',
  deleted: (day) => `Alles wird mit Beginn des ${day} für immer gelöscht.`,
  byHand: 'Jemanden eintippen',
  byFile: 'Eine Datei wählen',
  fileHint:
    'Eine Tabelle als CSV, mit einer Zeile Überschriften: Vorname, Nachname, Telefon, E-Mail, Straße, Hausnummer, PLZ, Ort, Bereich, Platz, Gruppe, von, bis. Andere Spalten werden so abgegeben, wie sie heißen.',
  file: 'Datei (CSV)',
  fileEmpty: 'In dieser Datei ist niemand: Sie braucht eine Zeile Überschriften und eine Zeile für jede Person.',
  fileNoName: 'Keine Spalte dieser Datei ist ein Vor- oder Nachname. Nennen Sie die Überschriften wie oben gesagt.',
  fileLarge: 'Diese Datei ist zu groß: höchstens 20.000 Personen und 10 MB.',
  fields: {
    first_name: 'Vorname',
    last_name: 'Nachname',
    phone: 'Telefonnummer',
    email: 'E-Mail-Adresse',
    street: 'Straße',
    house_number: 'Hausnummer',
    postcode: 'Postleitzahl',
    city: 'Ort',
    area: 'Bereich',
    seat: 'Platz',
    group: 'Gruppe',
  },
  more: 'Adresse, Platz, Gruppe',
  add: 'Auf die Liste setzen',
  remove: 'Entfernen',
  removeWho: (name) => `${name} entfernen`,
  people: (count) => (count === 1 ? '1 Person auf der Liste' : `${count} Personen auf der Liste`),
  firstRows: (count) => `Die ersten ${count} davon`,
  unusable: (count) =>
    count === 1
      ? '1 Zeile der Datei kann nicht abgegeben werden'
      : `${count} Zeilen der Datei können nicht abgegeben werden`,
  line: (n) => `Zeile ${n}`,
  andMore: (count) => `und ${count} weitere`,
  wrong: {
    last_name: 'Ein Name wird gebraucht.',
    first_name: 'Eine Zeile mit höchstens 120 Zeichen.',
    phone: 'Eine Telefonnummer mit 5 bis 17 Ziffern, eine E-Mail-Adresse oder Straße und Ort werden gebraucht.',
    email: 'Das ist keine E-Mail-Adresse.',
    from: 'Das ist nicht die Zeit des Anlasses. Schreiben Sie Zeiten als 26.11.2026 19:30.',
    until: 'Das Ende liegt nach dem Anfang. Schreiben Sie Zeiten als 26.11.2026 19:30.',
    qualifiers: 'Höchstens zehn andere Spalten mit je 120 Zeichen.',
    visitor_id: 'Diese Zeile gab es schon.',
  },
  wrongOther: 'Etwas darin ist zu lang oder nicht zu lesen.',
  send: (count) => (count === 1 ? '1 Person abgeben' : `${count} Personen abgeben`),
  sendingTitle: 'Wird abgegeben',
  sent: (done, total) => `${done} von ${total} gesendet`,
  stopped: 'Die Verbindung ist abgebrochen. Niemand wird doppelt abgegeben, wenn Sie weitermachen.',
  again: 'Weiter senden',
  doneTitle: 'Abgegeben',
  done: (count) => (count === 1 ? '1 Person wurde abgegeben.' : `${count} Personen wurden abgegeben.`),
  refused: (count) => (count === 1 ? '1 Person wurde abgelehnt' : `${count} Personen wurden abgelehnt`),
  refusedText: 'Berichtigen Sie sie in Ihrer Liste und geben Sie sie noch einmal ab. Wer abgegeben ist, bleibt es.',
  keep: 'Notieren Sie die Zahl, oder fotografieren Sie diese Seite. Sie können sie jetzt schließen.',
  another: 'Mehr abgeben',
  noFurther:
    'Die Liste kann nicht angenommen werden: Der Code gilt nicht mehr, oder manches wurde mit anderen Angaben abgegeben.',
};
