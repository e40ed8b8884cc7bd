//! Days, instants and halves of days, as a language writes them.

use domain::diseases::Disease;
use domain::languages::Language;
use domain::messages::{MessageKind, MessageValue, Values, Variable};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes a value in a language.
pub(super) fn write(value: &MessageValue, language: Language, zone: &TimeZone) -> String {
    match value {
        MessageValue::Text(text) => text.clone(),
        MessageValue::Disease(disease) => name_of(*disease, language).to_owned(),
        MessageValue::Day(on) => day(*on, language),
        MessageValue::At(at) => instant(*at, language, zone),
        MessageValue::HoursAfterSending(hours) => match language {
            Language::De => format!("{hours} Stunden nach dem Versand dieser E-Mail"),
            Language::En => format!("{hours} hours after this e-mail was sent"),
            Language::Tr => format!("bu e-postanın gönderilmesinden {hours} saat sonra"),
        },
        MessageValue::Morning(on) => {
            let on = day(*on, language);
            match language {
                Language::De => format!("den Morgen des {on}"),
                Language::En => format!("the morning of {on}"),
                Language::Tr => format!("{on}, sabah"),
            }
        }
        MessageValue::Evening(on) => {
            let on = day(*on, language);
            match language {
                Language::De => format!("den Abend des {on}"),
                Language::En => format!("the evening of {on}"),
                Language::Tr => format!("{on}, akşam"),
            }
        }
    }
}

fn name_of(disease: Disease, language: Language) -> &'static str {
    match (disease, language) {
        (Disease::Covid19, _) => "COVID-19",
        (Disease::Mers, _) => "MERS",
        (Disease::Influenza, Language::De) => "Influenza (Grippe)",
        (Disease::Influenza, Language::En) => "influenza",
        (Disease::Influenza, Language::Tr) => "influenza (grip)",
        (Disease::Measles, Language::De) => "Masern",
        (Disease::Measles, Language::En) => "measles",
        (Disease::Measles, Language::Tr) => "kızamık",
        (Disease::Mpox, Language::De) => "Mpox",
        (Disease::Mpox, _) => "mpox",
        (Disease::Ebola, Language::De) => "Ebolafieber",
        (Disease::Ebola, Language::En) => "Ebola virus disease",
        (Disease::Ebola, Language::Tr) => "Ebola",
    }
}

/// Writes a day in a language.
pub(crate) fn day(on: Date, language: Language) -> String {
    match language {
        Language::De | Language::Tr => format!("{:02}.{:02}.{}", on.day(), on.month(), on.year()),
        Language::En => {
            let month = usize::try_from(on.month() - 1).ok().and_then(|i| ENGLISH_MONTHS.get(i)).unwrap_or(&"");
            format!("{} {month} {}", on.day(), on.year())
        }
    }
}

fn instant(at: Timestamp, language: Language, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    let (on, time) = (day(local.date(), language), format!("{:02}:{:02}", local.hour(), local.minute()));
    match language {
        Language::De => format!("{on}, {time} Uhr"),
        Language::En | Language::Tr => format!("{on}, {time}"),
    }
}

/// Values by which an author sees what a text will look like. The name has what HTML must not take for its own.
pub(super) fn sample(kind: MessageKind) -> Values {
    let mut values = Values::default();
    for variable in kind.variables() {
        let value = match variable {
            Variable::Name => MessageValue::Text("Kim O'Neill <Höh-Şahin>".to_owned()),
            Variable::Authority => continue,
            Variable::Phone => MessageValue::Text("0621 12345".to_owned()),
            Variable::Link => MessageValue::Text(SAMPLE_LINK.to_owned()),
            Variable::ValidUntil => MessageValue::At(Timestamp::UNIX_EPOCH),
            Variable::Slot => MessageValue::Morning(date(2026, 3, 1)),
            Variable::Disease => MessageValue::Disease(Disease::Covid19),
            Variable::FirstDay => MessageValue::Day(date(2026, 3, 1)),
            Variable::LastDay => MessageValue::Day(date(2026, 3, 15)),
            Variable::Venue => MessageValue::Text("Café Höh & Şahin <3>".to_owned()),
        };
        values = values.with(*variable, value);
    }
    values
}

/// An address that stands nowhere but in samples.
pub(super) const SAMPLE_LINK: &str = "https://example.org/#ABCD-EFGH";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(value: &MessageValue, german: &str, english: &str, turkish: &str) {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let written = Language::ALL.iter().map(|language| write(value, *language, &zone)).collect::<Vec<_>>();
        assert_eq!(written, [german, english, turkish]);
    }

    #[test]
    fn each_language_writes_days_its_own_way_and_instants_by_the_authoritys_clock() {
        let on = date(2026, 3, 29);
        check(&MessageValue::Day(on), "29.03.2026", "29 March 2026", "29.03.2026");
        check(
            &MessageValue::Morning(on),
            "den Morgen des 29.03.2026",
            "the morning of 29 March 2026",
            "29.03.2026, sabah",
        );
        check(
            &MessageValue::HoursAfterSending(24),
            "24 Stunden nach dem Versand dieser E-Mail",
            "24 hours after this e-mail was sent",
            "bu e-postanın gönderilmesinden 24 saat sonra",
        );
        let after_the_clocks_changed = "2026-03-29T01:05:00Z".parse().unwrap();
        check(
            &MessageValue::At(after_the_clocks_changed),
            "29.03.2026, 03:05 Uhr",
            "29 March 2026, 03:05",
            "29.03.2026, 03:05",
        );
    }
}
