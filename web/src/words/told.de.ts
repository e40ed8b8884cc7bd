// What the server says when something can't be done: so it says it, so it reads in German.

/** Whole sentences of the server. */
export const TOLD: Record<string, string> = {
  'this code was drawn before; do the same again': 'diesen Code gab es schon; machen Sie dasselbe noch einmal',
  'lists of visitors are opened by people, not by programs': 'Besucherlisten öffnen Menschen, keine Programme',
  'contact cases of this case are being made already; wait until that is done':
    'aus diesem Fall werden schon Kontaktfälle angelegt; warten Sie, bis das fertig ist',
  'all of them are contact cases because of this case already': 'alle sind wegen dieses Falls schon Kontaktfälle',
  'choose at least one visitor': 'wählen Sie mindestens einen Besucher',
  'some of these visitors were handed in before, and their time is over':
    'manche dieser Besucher wurden früher abgegeben, und ihre Zeit ist um',
  'this venue is asked through another authority': 'dieser Betrieb wird über ein anderes Amt gefragt',
  'say in whose area the venue is, or give the address on its poster':
    'bitte sagen, in wessen Gebiet der Betrieb liegt, oder die Adresse auf seinem Aushang angeben',
  'say which venue: the address on its poster, or its name and address':
    'bitte sagen, welcher Betrieb: die Adresse auf seinem Aushang, oder Name und Anschrift',
  'nobody has been anywhere in the future': 'in der Zukunft war noch niemand irgendwo',
  'a stay ends after it began': 'ein Aufenthalt endet nach seinem Beginn',
  'a stay ends within 24 hours; enter a longer one day by day':
    'ein Aufenthalt endet binnen 24 Stunden; einen längeren bitte Tag für Tag eintragen',
  'five guest lists of this venue were opened today; open another tomorrow, or ask the health authority':
    'Heute wurden fünf Gästelisten dieses Betriebs geöffnet. Öffnen Sie morgen eine weitere, oder fragen Sie das Gesundheitsamt: es kann mehr öffnen.',
  'only the health authority opens guest lists here; call it, it asks for the list it needs':
    'Hier öffnet nur das Gesundheitsamt Gästelisten. Rufen Sie es an; es fragt nach der Liste, die es braucht.',
  'guest lists are opened by people who sign in with a second factor':
    'Gästelisten öffnet, wer sich mit einem zweiten Faktor anmeldet.',
  'a list can be read for an hour; open it anew if you still need it':
    'Eine Liste lässt sich eine Stunde lang ansehen. Öffnen Sie sie neu, wenn Sie sie noch brauchen.',
  'somebody opened another list of this venue in the same moment; do the same again':
    'Im selben Augenblick hat jemand eine andere Liste dieses Betriebs geöffnet. Versuchen Sie es noch einmal.',
  'this list is too long for paper; have it as a table': 'Diese Liste ist zu lang für Papier. Nehmen Sie die Tabelle.',
  'the case is over; open it again to ask for stays':
    'der Fall ist abgeschlossen; öffnen Sie ihn wieder, um nach Aufenthalten zu fragen',
  'this stay is there already': 'dieser Aufenthalt steht schon da',
  'the case is over; open it again to ask for a list':
    'der Fall ist abgeschlossen; öffnen Sie ihn wieder, um eine Liste anzufragen',
  'this list was asked for already': 'diese Liste wurde schon angefragt',
  'the guest lists of these days are deleted': 'die Gästelisten dieser Tage sind gelöscht',
  'the venue answered at this moment; look again': 'der Betrieb hat in diesem Augenblick geantwortet; bitte neu laden',
  'only an index case opens contact cases': 'Kontaktfälle eröffnet nur ein Indexfall',
  'somebody else decided at this moment; look again':
    'jemand anderes hat in diesem Augenblick entschieden; bitte neu laden',
  'the authority has withdrawn this request': 'das Gesundheitsamt hat diese Anfrage zurückgezogen',
  'somebody else answered at this moment; look again':
    'jemand anderes hat in diesem Augenblick geantwortet; bitte neu laden',
  'this server keeps no guest lists': 'dieser Server führt keine Gästelisten',
  'this server takes no check-ins': 'Dieser Server nimmt keine Check-ins an.',
  'somebody changed this setting meanwhile; load it anew':
    'Jemand hat diese Einstellung inzwischen geändert; bitte neu laden',
  'this venue is closed': 'Dieser Betrieb ist geschlossen.',
  'this venue is closed already': 'Dieser Betrieb ist schon geschlossen.',
  'these names are too long for a code': 'Diese Namen sind zu lang für einen Code.',
  'this address belongs to the staff already, or is invited':
    'Diese Adresse gehört schon zum Personal, oder ist eingeladen.',
  'a venue has at least one owner; make somebody else one first':
    'Ein Betrieb hat mindestens einen Inhaber. Machen Sie erst jemand anderen dazu.',
  'an authority is asked already; take that back first': 'ein Amt ist schon angefragt; bitte das zuerst zurücknehmen',
  'another authority has the case now: what is here is a copy to read':
    'ein anderes Amt hat den Fall jetzt: hier ist eine Kopie zum Lesen',
  'it was answered already': 'darauf wurde schon geantwortet',
  'say why, in a few words': 'bitte in wenigen Worten sagen, warum',
  'the other authority has taken it back': 'das andere Amt hat die Anfrage zurückgenommen',
  'there is no other authority with this short code here': 'ein anderes Amt mit diesem Kürzel gibt es hier nicht',
  "what was here of this person has ended and can't come back; refuse it, and open a new case":
    'was hier über diese Person stand, ist gelöscht und kann nicht zurückkommen; bitte ablehnen und einen neuen Fall anlegen',
  'a case was opened or deleted just now; look at both again':
    'gerade wurde ein Fall angelegt oder gelöscht; bitte beide noch einmal ansehen',
  'a case was opened or deleted just now; try again':
    'gerade wurde ein Fall angelegt oder gelöscht; bitte noch einmal versuchen',
  'a job works on this file; wait for it, or cancel it':
    'an dieser Datei wird gearbeitet; bitte abwarten oder die Arbeit abbrechen',
  "accounts of the command line don't sign in": 'Konten der Kommandozeile melden sich nicht an',
  'contacts are named already; delete them first': 'es sind schon Kontakte genannt; bitte zuerst löschen',
  'import the file first; its bad rows can be corrected then':
    'bitte die Datei zuerst importieren; danach lassen sich schlechte Zeilen berichtigen',
  'nobody gives themselves a role; ask another administrator':
    'niemand gibt sich selbst eine Rolle; bitte eine andere Administration fragen',
  'nobody here writes to the person of this case any more': 'an die Person dieses Falls schreibt hier niemand mehr',
  'nobody is their own contact': 'niemand ist die eigene Kontaktperson',
  'nothing is ordered; set the days first': 'es ist nichts angeordnet; bitte zuerst die Tage festlegen',
  'one of the two is anonymised, and nobody may name them again':
    'eine der beiden ist anonymisiert, und niemand darf sie wieder benennen',
  'one of the two was changed meanwhile; look at both again':
    'eine der beiden wurde inzwischen geändert; bitte beide noch einmal ansehen',
  'one of the two was merged meanwhile; look at both again':
    'eine der beiden wurde inzwischen zusammengeführt; bitte beide noch einmal ansehen',
  'only what was resolved by hand can be taken back': 'nur was von Hand erledigt wurde, lässt sich zurücknehmen',
  'somebody changed the letterhead meanwhile; load it anew':
    'jemand hat den Briefkopf inzwischen geändert; bitte neu laden',
  'somebody changed this text in the meantime; load it anew':
    'jemand hat diesen Text inzwischen geändert; bitte neu laden',
  'somebody else changed the same detail meanwhile; look at it first':
    'jemand anderes hat dieselbe Angabe inzwischen geändert; bitte zuerst ansehen',
  'somebody else changed this entry meanwhile; look at it first':
    'jemand anderes hat diesen Eintrag inzwischen geändert; bitte zuerst ansehen',
  'somebody has made another version meanwhile; look at it first':
    'inzwischen gibt es eine andere Fassung; bitte zuerst ansehen',
  'these are too many views; delete one first': 'das sind zu viele Ansichten; bitte zuerst eine löschen',
  'the case is anonymised: nothing of it changes any more': 'der Fall ist anonymisiert: daran ändert sich nichts mehr',
  'the case is over; open it again to add contacts':
    'der Fall ist abgeschlossen; für neue Kontakte bitte wieder öffnen',
  'the case is over; open it again to change its days':
    'der Fall ist abgeschlossen; für andere Tage bitte wieder öffnen',
  'the case is over; open it again to note calls':
    'der Fall ist abgeschlossen; um Anrufe zu vermerken, bitte wieder öffnen',
  'the case is over; open it again to write answers down':
    'der Fall ist abgeschlossen; um Antworten aufzunehmen, bitte wieder öffnen',
  'the case is over; open it again to write into its diary':
    'der Fall ist abgeschlossen; für Einträge ins Tagebuch bitte wieder öffnen',
  'the contact was merged just now; try again': 'der Kontakt wurde gerade zusammengeführt; bitte noch einmal versuchen',
  'the days were changed meanwhile; look at them first': 'die Tage wurden inzwischen geändert; bitte zuerst ansehen',
  'the same contact on the same days is there already': 'derselbe Kontakt an denselben Tagen ist schon da',
  'the same waits again already': 'dasselbe steht schon wieder an',
  'the second factor of this account is not usable; ask for a new link':
    'der zweite Faktor dieses Kontos ist nicht brauchbar; bitte um einen neuen Link bitten',
  'the server is stopping': 'der Server wird gerade beendet',
  'the thirty days in which a merge can be undone are over':
    'die dreißig Tage, in denen sich das Zusammenführen rückgängig machen lässt, sind um',
  'this is not proposed any more; look at the days again':
    'das wird nicht mehr vorgeschlagen; bitte die Tage noch einmal ansehen',
  'this is the last administrator who can sign in': 'das ist die letzte Administration, die sich anmelden kann',
  'this job has ended': 'diese Arbeit ist beendet',
  'this letter was cancelled; make another one': 'dieser Brief wurde zurückgezogen; bitte einen neuen erstellen',
  "this version doesn't hold after that day anyway": 'diese Fassung gilt nach diesem Tag ohnehin nicht',
  'the same person was merged again since; undo the later merge first':
    'die Person wurde seitdem noch einmal zusammengeführt; bitte das spätere zuerst rückgängig machen',
  'this merge was undone already': 'dieses Zusammenführen ist schon rückgängig gemacht',
  "your authority's address is missing; an administrator adds it in the settings, under letterhead":
    'die Anschrift Ihres Amts fehlt; eine Administration trägt sie in den Einstellungen unter Briefkopf ein',
  "this person has a case of this disease that isn't over; open that one":
    'diese Person hat einen Fall dieser Krankheit, der nicht abgeschlossen ist; bitte diesen öffnen',
  'it is still being done; cancel it first, or wait': 'es läuft noch; bitte abbrechen oder abwarten',
  'somebody undoes it already': 'jemand macht es schon rückgängig',
  'there is no such case any more': 'diesen Fall gibt es nicht mehr',
  'texts that everybody may read are missing; an administrator writes them in the settings, under texts':
    'Texte, die alle lesen dürfen, fehlen; eine Administration schreibt sie in den Einstellungen unter Texte',
  'the case is over': 'der Fall ist abgeschlossen',
  'another authority is responsible': 'ein anderes Amt ist zuständig',
  'there is an account already': 'es gibt schon ein Konto',
  'a code was sent already; ask for a new one, and the old one ends':
    'ein Code wurde schon geschickt; auf Wunsch gibt es einen neuen, der alte endet dann',
  'a code is on its way already': 'ein Code ist schon unterwegs',
  'the code was redeemed meanwhile; the account stays as it is':
    'der Code wurde inzwischen eingelöst; das Konto bleibt, wie es ist',
  'somebody took this invitation back before': 'jemand hat diese Einladung schon zurückgenommen',
  'somebody invited anew since': 'inzwischen wurde neu eingeladen',
  'nothing is known of this code any more': 'von diesem Code ist nichts mehr bekannt',
  'the mail had gone; its link no longer works': 'die Mail war schon hinausgegangen; ihr Link gilt nicht mehr',
  'the mail had gone; its link no longer works, and the code before it stays cancelled':
    'die Mail war schon hinausgegangen; ihr Link gilt nicht mehr, und der Code davor bleibt ungültig',
  'the code that was out before stays cancelled; invite again':
    'der Code, der vorher unterwegs war, bleibt ungültig; bitte neu einladen',
  "this workbook isn't ready": 'diese Arbeitsmappe ist noch nicht fertig',
  'choose at least one case': 'bitte mindestens einen Fall wählen',
  'nobody with this id works on cases here': 'niemand mit dieser Kennung arbeitet hier an Fällen',
  'choose at least one': 'bitte mindestens eines wählen',
  'it lies before the beginning': 'es liegt vor dem Anfang',
  'it says nothing': 'es steht nichts darin',
  'say in 1 to 60 characters what it is for': 'bitte in 1 bis 60 Zeichen sagen, wofür es ist',
  'the period ends before it begins': 'der Zeitraum endet, bevor er beginnt',
  'this code is wrong or was used': 'dieser Code ist falsch oder verbraucht',
  "this is not the code that your app shows now; check the telephone's clock":
    'diesen Code zeigt Ihre App jetzt nicht; bitte die Uhr des Telefons prüfen',
  'this is not your present password': 'das ist nicht Ihr jetziges Kennwort',
  'this is the same person': 'das ist dieselbe Person',
  'type 2 to 100 characters': 'bitte 2 bis 100 Zeichen eingeben',
  'nobody who was infected during the run is well again yet':
    'von denen, die sich im Lauf angesteckt haben, ist noch niemand wieder gesund',
  "published nodes don't say how near they were": 'veröffentlichte Knoten sagen nicht, wie nah sie sich waren',
  "published nodes don't say who infected them": 'veröffentlichte Knoten sagen nicht, wer sie angesteckt hat',
  'the nodes of this run stand for nobody; only a rehearsal is evidence':
    'die Knoten dieses Laufs stehen für niemanden; nur eine Probe ist Beleg',
  'this run is over; make a new one': 'dieser Lauf ist zu Ende; beginnen Sie einen neuen',
  'this run is not over; stop it first': 'dieser Lauf ist noch nicht zu Ende; beenden Sie ihn zuerst',
  'write something': 'bitte etwas schreiben',
  'there is an account for this case; delete it with the invitation if its user name is lost':
    'zu diesem Fall gibt es ein Konto; ist der Benutzername vergessen, mit der Einladung löschen',
  'there is no e-mail address; add one, or invite by letter':
    'es gibt keine E-Mail-Adresse; bitte eine eintragen oder per Brief einladen',
  'an operator must set [server] public_url first: links in mails and letters begin with it':
    'wer die Anlage betreibt, muss zuerst [server] public_url setzen: Links in Mails und Briefen beginnen damit',
  'no other authority is known to be responsible': 'es ist kein anderes zuständiges Amt bekannt',
  'names are locked: the keyring is not there': 'Namen sind verschlossen: der Schlüsselbund fehlt',
  'the keyring is away; nothing was half-written':
    'der Schlüsselbund ist nicht erreichbar; nichts wurde halb geschrieben',
  'the database is away or busy; nothing was half-written':
    'die Datenbank ist nicht da oder beschäftigt; nichts wurde halb geschrieben',
};
