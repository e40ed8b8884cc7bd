//! The course of an infection: ill, then immune for as long, then as before.
//!
//! Infected in second t: ill in t+1 … t+cooldown, immune in t+cooldown+1 … t+2·cooldown, susceptible from then on. Born
//! infected: ill in the first `cooldown` seconds of the life.

use crate::rules::Rules;
use domain::runs::Health;

/// What the infection makes of a node, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Course {
    /// What it is.
    pub health: Health,
    /// The first second in which it isn't any more; [`Course::NEVER`] if susceptible.
    pub until: u32,
}

impl Course {
    /// A second that no run reaches: 34 years after its start.
    pub const NEVER: u32 = (1 << 30) - 1;

    /// Of somebody who can be infected.
    pub const SUSCEPTIBLE: Self = Self { health: Health::Susceptible, until: Self::NEVER };

    /// Of somebody who is ill from this second on.
    pub(crate) fn ill_from(second: u32, rules: &Rules) -> Self {
        Self { health: Health::Infected, until: (second + rules.cooldown_s).min(Self::NEVER) }
    }

    /// Returns the course as it is in a later second.
    #[must_use]
    pub fn at(self, second: u32, rules: &Rules) -> Self {
        let mut course = self;
        while second >= course.until {
            course = match course.health {
                Health::Infected => {
                    Self { health: Health::Immune, until: (course.until + rules.cooldown_s).min(Self::NEVER) }
                }
                Health::Susceptible | Health::Immune => Self::SUSCEPTIBLE,
            };
            if course.until == Self::NEVER {
                break;
            }
        }
        course
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::runs::Parameters;

    /// The health in each second from the first on.
    fn healths(course: Course, seconds: std::ops::Range<u32>) -> Vec<Health> {
        let rules = Rules::new(&Parameters { cooldown_s: 3, ..Parameters::default() }).unwrap();
        seconds.map(|second| course.at(second, &rules).health).collect()
    }

    #[test]
    fn ill_then_immune_for_as_long_then_susceptible() {
        let rules = Rules::new(&Parameters { cooldown_s: 3, ..Parameters::default() }).unwrap();
        let course = Course::ill_from(8, &rules);
        let (ill, immune, well) = (Health::Infected, Health::Immune, Health::Susceptible);
        assert_eq!(healths(course, 8..16), [ill, ill, ill, immune, immune, immune, well, well]);
    }

    #[test]
    fn the_susceptible_stay_so() {
        assert_eq!(healths(Course::SUSCEPTIBLE, 0..2), [Health::Susceptible; 2]);
        assert_eq!(healths(Course::SUSCEPTIBLE, Course::NEVER..Course::NEVER + 2), [Health::Susceptible; 2]);
    }
}
