//! What stands on a letter: address, facts, texts.

use super::words::words;
use crate::error::{AppError, Result};
use crate::messages::{TextApart, day};
use domain::diseases::Disease;
use domain::languages::Language;
use domain::letters::{LetterCode, LetterFact, LetterPart, LetterSheet, Letterhead};
use domain::messages::{MessageValue, Values, Variable};
use domain::persons::PersonalField;
use domain::references::Reference;
use domain::time::DayRange;
use jiff::civil::Date;
use storage::authorities::Authority;
use storage::cases::CaseWork;
use storage::persons::Person;

/// To whom a letter goes.
pub(in crate::case_work) struct Addressed {
    pub(in crate::case_work) name: String,
    pub(in crate::case_work) lines: Vec<String>,
}

/// Returns name and address of a person.
///
/// # Errors
///
/// [`AppError::InvalidFields`] names each detail that lacks.
pub(in crate::case_work) fn addressed(person: &Person) -> Result<Addressed> {
    let of = |field| person.personal.get(&field).map_or("", |value| value.expose().trim());
    let (first, last) = (of(PersonalField::FirstName), of(PersonalField::LastName));
    let (street, house, city) = (of(PersonalField::Street), of(PersonalField::HouseNumber), of(PersonalField::City));
    let postcode = person.postcode.as_deref().unwrap_or_default();
    let needed = [
        ("last_name", if last.is_empty() { first } else { last }),
        ("street", street),
        ("house_number", house),
        ("postcode", postcode),
        ("city", city),
    ];
    let lacking: Vec<_> = needed
        .into_iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(field, _)| (field, "a letter needs it; add it to the details of the person".to_owned()))
        .collect();
    if !lacking.is_empty() {
        return Err(AppError::InvalidFields(lacking));
    }
    let name = format!("{first} {last}").trim().to_owned();
    let lines = vec![name.clone(), format!("{street} {house}"), format!("{postcode} {city}")];
    Ok(Addressed { name, lines })
}

/// Returns what the texts of letters name.
pub(super) fn letter_values(name: &str, phone: &str, disease: Disease, days: DayRange) -> Values {
    Values::default()
        .text(Variable::Name, name)
        .text(Variable::Phone, phone)
        .with(Variable::Disease, MessageValue::Disease(disease))
        .with(Variable::FirstDay, MessageValue::Day(days.first))
        .with(Variable::LastDay, MessageValue::Day(days.last))
}

/// What a letter says.
pub(in crate::case_work) struct Contents<'c> {
    /// The text in each language, the reader's first.
    pub(in crate::case_work) texts: &'c [TextApart],
    /// Days that are printed bold.
    pub(in crate::case_work) days: Option<DayRange>,
    /// Whether it orders something, so that legal basis and remedies stand below.
    pub(in crate::case_work) is_order: bool,
    /// A code, with what stands beside it.
    pub(in crate::case_work) code: Option<LetterCode>,
}

/// Lays out a letter. The text in the authority's language stands last, and binds.
pub(in crate::case_work) fn lay_out(
    authority: &Authority,
    head: &Letterhead,
    (work, recipient): (&CaseWork, Vec<String>),
    contents: Contents<'_>,
    today: Date,
) -> LetterSheet {
    let own = Language::of_authority(&authority.languages);
    let own_words = words(own);
    let town = format!("{} {}", head.postcode, head.city);
    let fact = |label: &str, value: &str| LetterFact { label: label.to_owned(), value: value.to_owned() };
    let reference = work.file_number.as_ref().map_or("", Reference::as_str);
    let facts = [
        fact(own_words.reference, reference),
        fact(own_words.phone, head.phone(work.case_type.is_contact())),
        fact(own_words.email, &head.email),
        fact(own_words.date, &day(today, own)),
    ];
    let Contents { texts, days, is_order, code } = contents;
    // Nothing of an invitation binds: both texts say the same.
    let caption = |language: Language| match texts.len() {
        0 | 1 => "",
        _ if code.is_some() => "",
        _ if language == own => words(language).binds,
        _ => words(language).translates,
    };
    let part = |text: &TextApart| LetterPart {
        language: text.language.to_string(),
        caption: caption(text.language).to_owned(),
        subject: text.subject.clone(),
        text: text.text.clone(),
        strong: days.map_or_else(Vec::new, |days| vec![day(days.first, text.language), day(days.last, text.language)]),
    };
    LetterSheet {
        language: own.to_string(),
        sender: authority.name.clone(),
        sender_lines: vec![head.street.clone(), town.clone()],
        return_line: format!("{} · {} · {town}", authority.name, head.street),
        recipient,
        facts: facts.into_iter().filter(|fact| !fact.value.is_empty()).collect(),
        parts: texts.iter().map(part).collect(),
        place_and_day: format!("{}, {}", head.city, day(today, own)),
        signature: own_words.signature.to_owned(),
        legal_note: if is_order { head.legal_note.clone() } else { String::new() },
        page_words: own_words.page.map(str::to_owned),
        code,
    }
}
