//! How a case from a line list begins: at work, or over. Outbreaks of former years come in to be studied, not to be called.

use super::{CaseDates, Conclusion};
use crate::time::days_between;
use jiff::civil::Date;

/// Days after its last known day on which a case from a line list is still worked on. Epitrace's own choice: longer than
/// any isolation and any follow-up of the profiles (Ebola, 21 days), with the time that a list takes to come.
pub const AT_WORK_DAYS: i32 = 60;

/// How a case begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// To be worked on.
    AtWork,
    /// Over, and why.
    Over(Conclusion),
}

/// Decides how a case from a line list begins. Who is known by no day at all is worked on.
#[must_use]
pub fn beginning(dates: &CaseDates, died_on: Option<Date>, outcome: Option<&str>, today: Date) -> Beginning {
    let days = [dates.symptom_onset, dates.tested_on, dates.reported_on, died_on];
    match days.into_iter().flatten().max() {
        Some(last) if days_between(last, today) > AT_WORK_DAYS => Beginning::Over(conclusion(died_on, outcome)),
        _ => Beginning::AtWork,
    }
}

/// Reads the conclusion from what the list says of the outcome, in the words that lists use.
fn conclusion(died_on: Option<Date>, outcome: Option<&str>) -> Conclusion {
    let word = outcome.map(|word| word.trim().to_lowercase()).unwrap_or_default();
    match word.as_str() {
        _ if died_on.is_some() => Conclusion::Died,
        "dead" | "died" | "death" | "deceased" | "fatal" | "verstorben" => Conclusion::Died,
        "recovered" | "alive" | "survived" | "genesen" => Conclusion::Recovered,
        _ => Conclusion::Completed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::plus_days;
    use jiff::civil::date;

    #[test]
    fn a_case_of_this_season_is_worked_on_and_one_of_former_years_is_over() {
        let today = date(2026, 3, 1);
        let begins = |onset, outcome| {
            let dates = CaseDates { symptom_onset: onset, ..CaseDates::default() };
            beginning(&dates, None, outcome, today)
        };
        assert_eq!(begins(Some(plus_days(today, -60)), None), Beginning::AtWork);
        assert_eq!(begins(Some(plus_days(today, -61)), None), Beginning::Over(Conclusion::Completed));
        assert_eq!(begins(Some(date(2015, 6, 1)), Some("Alive")), Beginning::Over(Conclusion::Recovered));
        assert_eq!(begins(Some(date(2015, 6, 1)), Some("Dead")), Beginning::Over(Conclusion::Died));
        assert_eq!(begins(None, Some("Dead")), Beginning::AtWork, "nobody knows when");
    }
}
