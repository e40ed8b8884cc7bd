//! A guest list as a table for a spreadsheet, and on paper.

use super::open::{GuestList, ListEntry};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use documents::csv_out::CsvWriter;
use domain::check_ins::Marks;
use domain::guest_lists::{ListSheet, MOST_PRINTED, Reason};
use domain::ids::{OpeningId, VenueId};
use domain::languages::Language;
use domain::letters::CannotSet;
use domain::persons::Personal;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::Freshness;

const COLUMNS: [&str; 14] = [
    "arrived_at",
    "leaves_at",
    "checked_out",
    "may_have_left_from",
    "area",
    "name",
    "phone",
    "email",
    "street",
    "house_number",
    "postcode",
    "city",
    "household",
    "marks",
];

/// The words of a printed list.
struct Words {
    title: &'static str,
    labels: [&'static str; 5],
    columns: [&'static str; 6],
    reasons: [&'static str; 4],
    whole: &'static str,
    household: &'static str,
    may_have_left: &'static str,
    marks: [&'static str; 4],
    empty: &'static str,
    foot: &'static str,
    unprintable: &'static str,
}

const ENGLISH: Words = Words {
    title: "Guest list",
    labels: ["Venue", "From", "Until", "Reason", "Opened"],
    columns: ["Arrived", "Until", "Area", "Name", "Contact", "Remarks"],
    reasons: ["a guest reported an infection", "the health authority asked", "several people fell ill", "other"],
    whole: "the whole venue",
    household: "more of the household:",
    may_have_left: "may have left from",
    marks: ["entered late", "outside opening hours", "over capacity", "not confirmed by staff"],
    empty: "Nobody checked in then.",
    foot: "For the health authority only. Destroy this sheet once it is no longer needed.",
    unprintable: "Some characters can’t be printed here and stand as ?; the table has them.",
};

const GERMAN: Words = Words {
    title: "Gästeliste",
    labels: ["Betrieb", "Von", "Bis", "Grund", "Geöffnet"],
    columns: ["Gekommen", "Bis", "Bereich", "Name", "Kontakt", "Hinweise"],
    reasons: [
        "ein Gast hat eine Infektion gemeldet",
        "das Gesundheitsamt hat gefragt",
        "mehrere sind erkrankt",
        "anderer",
    ],
    whole: "ganzer Betrieb",
    household: "weitere aus dem Haushalt:",
    may_have_left: "vielleicht gegangen ab",
    marks: ["spät eingetragen", "außerhalb der Öffnungszeiten", "über der Höchstzahl", "vom Personal nicht bestätigt"],
    empty: "Da hat niemand eingecheckt.",
    foot: "Nur für das Gesundheitsamt. Vernichten Sie dieses Blatt, sobald es nicht mehr gebraucht wird.",
    unprintable: "Manche Zeichen lassen sich hier nicht drucken und stehen als ?; die Tabelle hat sie.",
};

const TURKISH: Words = Words {
    title: "Misafir listesi",
    labels: ["İşletme", "Başlangıç", "Bitiş", "Neden", "Açıldı"],
    columns: ["Geliş", "Bitiş", "Bölüm", "Ad", "İletişim", "Notlar"],
    reasons: ["bir misafir enfeksiyon bildirdi", "sağlık dairesi istedi", "birden çok kişi hastalandı", "başka"],
    whole: "tüm işletme",
    household: "haneden diğer kişiler:",
    may_have_left: "şu saatten sonra gitmiş olabilir:",
    marks: ["geç girildi", "çalışma saatleri dışında", "kapasitenin üstünde", "personel onaylamadı"],
    empty: "O sırada kimse giriş yapmadı.",
    foot: "Yalnızca sağlık dairesi için. Gerek kalmayınca bu sayfayı imha edin.",
    unprintable: "Bazı karakterler burada basılamıyor ve ? olarak duruyor; tabloda vardır.",
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::De => &GERMAN,
        Language::Tr => &TURKISH,
        _ => &ENGLISH,
    }
}

impl App {
    /// Writes an opened list as a table: CSV, in which no cell is run as a formula. Times are the authority's.
    ///
    /// # Errors
    ///
    /// As [`guest_list_again`](Self::guest_list_again).
    pub async fn guest_list_csv(&self, worker: &Worker, of: (VenueId, OpeningId)) -> Result<Vec<u8>> {
        let list = self.guest_list_again(worker, of, "guest_lists.csv").await?;
        let zone = &worker.authority.time_zone;
        let mut writer = CsvWriter::new(Vec::new());
        writer.write_row(COLUMNS)?;
        for entry in &list.entries {
            writer.write_row(row(entry, zone))?;
        }
        Ok(writer.finish()?)
    }

    /// Sets an opened list on paper: a PDF, in the language of who opened it.
    ///
    /// # Errors
    ///
    /// As [`guest_list_again`](Self::guest_list_again); [`AppError::Conflict`] if it is too long for paper.
    pub async fn guest_list_pdf(&self, worker: &Worker, of: (VenueId, OpeningId)) -> Result<Vec<u8>> {
        let list = self.guest_list_again(worker, of, "guest_lists.pdf").await?;
        if list.entries.len() > MOST_PRINTED {
            let reason = "this list is too long for paper; have it as a table";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let staff = storage::venues::account_of(&mut tx, &sealer, worker.account_id).await?;
        drop(tx);
        let sheet = sheet(&list, staff.map_or(Language::De, |staff| staff.language), &worker.authority.time_zone);
        let press = self.list_press();
        match tokio::task::spawn_blocking(move || press(&sheet)).await {
            Ok(set) => Ok(set?),
            Err(_) => Err(CannotSet::Defect.into()),
        }
    }
}

fn local(at: Timestamp, zone: &TimeZone, pattern: &str) -> String {
    zone.to_datetime(at).strftime(pattern).to_string()
}

fn text(value: Option<&Personal<String>>) -> String {
    value.map(|value| value.expose().clone()).unwrap_or_default()
}

fn row(entry: &ListEntry, zone: &TimeZone) -> [String; 14] {
    let (stay, guest) = (&entry.visit.stay, &entry.visit.guest);
    let time = |at: Timestamp| local(at, zone, "%Y-%m-%d %H:%M");
    let address = guest.address.as_ref();
    let said = if stay.marks.has(Marks::CHECKED_OUT) { "yes" } else { "no" };
    [
        time(stay.arrived_at),
        time(stay.leaves_at),
        said.to_owned(),
        entry.may_have_left_from.map(time).unwrap_or_default(),
        entry.area.clone().unwrap_or_default(),
        guest.name.expose().clone(),
        text(guest.phone.as_ref()),
        text(guest.email.as_ref()),
        text(address.map(|address| &address.street)),
        text(address.map(|address| &address.house_number)),
        text(address.map(|address| &address.postcode)),
        text(address.map(|address| &address.city)),
        stay.household.to_string(),
        stay.marks.words().join(" "),
    ]
}

fn sheet(list: &GuestList, language: Language, zone: &TimeZone) -> ListSheet {
    let (words, opening) = (words(language), &list.opening);
    let time = |at: Timestamp| local(at, zone, "%d.%m.%Y %H:%M");
    let reason = Reason::ALL.iter().position(|reason| *reason == opening.reason).unwrap_or(3);
    let place = format!("{}, {}", list.venue.name, list.area.as_deref().unwrap_or(words.whole));
    let note = opening.note.as_ref().map(|note| format!(": {}", note.expose())).unwrap_or_default();
    let values = [
        place,
        time(opening.window.from()),
        time(opening.window.until()),
        format!("{}{note}", words.reasons[reason]),
        time(opening.opened_at),
    ];
    ListSheet {
        language: language.to_string(),
        title: words.title.to_owned(),
        lines: words.labels.iter().map(|label| (*label).to_owned()).zip(values).collect(),
        columns: words.columns.map(str::to_owned).to_vec(),
        rows: list.entries.iter().map(|entry| printed(entry, words, zone)).collect(),
        empty: words.empty.to_owned(),
        foot: words.foot.to_owned(),
        unprintable: words.unprintable.to_owned(),
    }
}

fn printed(entry: &ListEntry, words: &Words, zone: &TimeZone) -> Vec<String> {
    let (stay, guest) = (&entry.visit.stay, &entry.visit.guest);
    let time = |at: Timestamp| local(at, zone, "%d.%m. %H:%M");
    let address = guest.address.as_ref().map(|address| {
        let part = |part: &Personal<String>| part.expose().clone();
        format!(
            "{} {}, {} {}",
            part(&address.street),
            part(&address.house_number),
            part(&address.postcode),
            part(&address.city)
        )
    });
    let contact = [text(guest.phone.as_ref()), text(guest.email.as_ref()), address.unwrap_or_default()];
    let mut remarks: Vec<String> = Vec::new();
    if let Some(from) = entry.may_have_left_from {
        remarks.push(format!("{} {}", words.may_have_left, time(from)));
    }
    if stay.household > 0 {
        remarks.push(format!("{} {}", words.household, stay.household));
    }
    let marks = Marks::WORDS.iter().zip(words.marks).filter(|((mark, _), _)| stay.marks.has(*mark));
    remarks.extend(marks.map(|(_, word)| word.to_owned()));
    let joined = |parts: &[String], between: &str| {
        parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(between)
    };
    vec![
        time(stay.arrived_at),
        time(stay.leaves_at),
        entry.area.clone().unwrap_or_default(),
        guest.name.expose().clone(),
        joined(&contact, "\n"),
        joined(&remarks, "; "),
    ]
}
