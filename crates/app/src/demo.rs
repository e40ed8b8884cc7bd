//! A plausible outbreak, made up: line list, infection links, encounters and visits.
//!
//! A branching process with superspreading: each case infects a gamma-Poisson number of others. All
//! names, telephones and addresses are invented. The same seed gives the same files, on every machine.

mod present;
mod texts;
mod words;

pub use present::PRESENT_DISEASE;

use domain::diseases::Disease;
use domain::time::plus_days;
use jiff::civil::{Date, date};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::fmt::Write;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct DemoOptions {
    /// How many cases.
    pub n_cases: usize,
    /// The same seed gives the same files.
    pub seed: u64,
    /// Which disease: it sets the intervals.
    pub disease: Disease,
}

/// Four files, as CSV with a header in the words of the import's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoFiles {
    /// The line list.
    pub cases: String,
    /// Who infected whom.
    pub infections: String,
    /// Who was in range of whom.
    pub encounters: String,
    /// Who was where.
    pub visits: String,
}

/// The mapping for each of the files.
pub const CASE_COLUMNS: &str = "id=id,first_name=first_name,last_name=last_name,born=born,sex=sex,phone=phone,\
    email=email,street=street,house_number=house_number,postcode=postcode,city=city,onset=onset,tested=tested,\
    reported=reported,place=place,setting=setting,outcome=outcome,note=note";
/// The mapping for infection links.
pub const INFECTION_COLUMNS: &str = "from=from,to=to,setting=setting,date=date";
/// The mapping for encounters.
pub const ENCOUNTER_COLUMNS: &str = "from=from,until=until,a=a,b=b,distance_m=distance_m";
/// The mapping for visits.
pub const VISIT_COLUMNS: &str = "person=person,venue=venue,area=area,from=from,until=until";

/// Mean number of persons whom a case infects, and its dispersion: between those of published outbreaks.
const MEAN_OFFSPRING: f64 = 1.3;
const DISPERSION_K: f64 = 0.4;

/// The outbreak begins on this day.
const FIRST_ONSET: Date = date(2026, 1, 5);

struct Draw(ChaCha8Rng);

impl Draw {
    /// 0 inclusive to 1 exclusive.
    #[allow(clippy::cast_precision_loss)] // 53 bits fit exactly.
    fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    fn below(&mut self, n: usize) -> usize {
        ((self.share() * n as f64) as usize).min(n.saturating_sub(1))
    }

    fn one_of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words.get(self.below(words.len())).copied().unwrap_or("")
    }

    /// Normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.share(), self.share());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Gamma of mean `mean` and shape `shape`, by Marsaglia and Tsang (2000).
    fn gamma(&mut self, shape: f64, mean: f64) -> f64 {
        let boosted = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = boosted - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let unit = loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.share()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                break d * v;
            }
        };
        let unit = if shape < 1.0 { unit * (1.0 - self.share()).powf(1.0 / shape) } else { unit };
        unit * mean / shape
    }

    fn poisson(&mut self, mean: f64) -> usize {
        let limit = (-mean.min(500.0)).exp();
        let (mut n, mut product) = (0, 1.0 - self.share());
        while product > limit {
            n += 1;
            product *= 1.0 - self.share();
        }
        n
    }

    #[allow(clippy::cast_possible_truncation)] // Days of a serial interval.
    fn days(&mut self, mean: f64, sd: f64) -> i32 {
        self.gamma((mean / sd).powi(2), mean).round().clamp(0.0, 90.0) as i32
    }
}

/// One made-up case.
struct Case {
    onset: Date,
    infector: Option<usize>,
    setting: &'static str,
    place: usize,
}

fn branch(draw: &mut Draw, options: &DemoOptions) -> Vec<Case> {
    let interval = options.disease.profile().serial_interval.value;
    let mut cases: Vec<Case> = Vec::with_capacity(options.n_cases);
    let mut next = 0;
    while cases.len() < options.n_cases {
        if next == cases.len() {
            let onset = plus_days(FIRST_ONSET, i32::try_from(draw.below(60)).unwrap_or(0));
            let place = draw.below(words::PLACES.len());
            cases.push(Case { onset, infector: None, setting: "travel", place });
        }
        let rate = draw.gamma(DISPERSION_K, MEAN_OFFSPRING);
        for _ in 0..draw.poisson(rate) {
            if cases.len() == options.n_cases {
                break;
            }
            let onset = plus_days(cases[next].onset, draw.days(interval.mean, interval.sd));
            let setting = draw.one_of(words::SETTINGS);
            let place = if draw.share() < 0.6 { cases[next].place } else { draw.below(words::PLACES.len()) };
            cases.push(Case { onset, infector: Some(next), setting, place });
        }
        next += 1;
    }
    cases
}

/// Makes the files.
#[must_use]
pub fn make(options: &DemoOptions) -> DemoFiles {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(options.seed));
    let cases = branch(&mut draw, options);
    let mut files = DemoFiles {
        cases: "id,first_name,last_name,born,sex,phone,email,street,house_number,postcode,city,onset,tested,reported,\
                place,setting,outcome,note\n"
            .to_owned(),
        infections: "from,to,setting,date\n".to_owned(),
        encounters: "from,until,a,b,distance_m\n".to_owned(),
        visits: "person,venue,area,from,until\n".to_owned(),
    };
    for i in 0..cases.len() {
        write_case(&mut files, &mut draw, i, &cases);
    }
    files
}

// A String never fails to be written to, so the results of `write!` are left alone below.

fn write_case(files: &mut DemoFiles, draw: &mut Draw, i: usize, cases: &[Case]) {
    let case = &cases[i];
    let id = reference(i);
    let (first, last) = (draw.one_of(words::FIRST_NAMES), draw.one_of(words::LAST_NAMES));
    let born = plus_days(date(2010, 1, 1), -i32::try_from(draw.below(30_000)).unwrap_or(0));
    let sex = draw.one_of(&["f", "m"]);
    let phone = format!("+49 30 23125 {:03}", draw.below(1000));
    let (street, city) = (draw.one_of(words::STREETS), draw.one_of(words::CITIES));
    let tested = plus_days(case.onset, draw.days(2.0, 1.5));
    let reported = plus_days(tested, draw.days(1.5, 1.0));
    let outcome = if draw.share() < 0.02 { "died" } else { "recovered" };
    let note = draw.one_of(words::NOTES);
    let _ = writeln!(
        files.cases,
        "{id},{first},{last},{born},{sex},{phone},{}.{}{i}@example.org,{street},{},{:05},{city},{},{tested},{reported},\
         {},{},{outcome},{note}",
        first.to_lowercase(),
        last.to_lowercase(),
        1 + draw.below(120),
        10_000 + draw.below(80_000),
        case.onset,
        words::PLACES[case.place],
        case.setting,
    );
    if let Some(infector) = case.infector {
        // Infected while the infector was infectious, and before falling ill.
        let incubation = draw.days(4.0, 2.0);
        let infectious_from = plus_days(cases[infector].onset, -2);
        let infected_on = plus_days(case.onset, -incubation).max(infectious_from).min(case.onset);
        let from = reference(infector);
        let _ = writeln!(files.infections, "{from},{id},{},{infected_on}", case.setting);
        let hour = 8 + draw.below(12);
        let minutes = 5 + draw.below(50);
        let metres = draw.gamma(2.0, 1.5);
        let _ = writeln!(
            files.encounters,
            "{infected_on}T{hour:02}:00:00Z,{infected_on}T{hour:02}:{minutes:02}:00Z,{from},{id},{metres:.1}"
        );
    }
    for n in 0..draw.below(3) {
        let day = plus_days(case.onset, i32::try_from(n).unwrap_or(0) - 2);
        let hour = 9 + draw.below(10);
        let area = draw.one_of(words::AREAS);
        let _ = writeln!(
            files.visits,
            "{id},{},{area},{day}T{hour:02}:00:00Z,{day}T{:02}:30:00Z",
            words::PLACES[case.place],
            hour + 1 + draw.below(2)
        );
    }
}

fn reference(i: usize) -> String {
    format!("D{:06}", i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(n_cases: usize, seed: u64) -> DemoFiles {
        make(&DemoOptions { n_cases, seed, disease: Disease::Covid19 })
    }

    #[test]
    fn the_same_seed_makes_the_same_outbreak_and_another_seed_another() {
        assert_eq!(demo(300, 7), demo(300, 7));
        assert_ne!(demo(300, 7).cases, demo(300, 8).cases);
    }

    #[test]
    fn there_are_as_many_cases_as_asked_and_most_have_an_infector() {
        let files = demo(1000, 1);
        assert_eq!(files.cases.lines().count(), 1001);
        let links = files.infections.lines().count();
        assert!((600..1000).contains(&links), "{links} links");
        assert_eq!(demo(0, 1).cases.lines().count(), 1);
    }
}
