//! Whom the infected infected: the effective reproduction number of a run in which every infector is known.
//!
//! It is the mean number of infections that an illness caused, over the illnesses that are over, by cure or by death.
//! Those that go on are left out: they would pull the mean down. Born infected counts as an illness too.

use crate::engine::Infection;

/// Counts the offspring of each illness, second by second.
#[derive(Clone, Debug, Default)]
pub struct Offspring {
    /// How many each agent infected in its last illness: `[n_agents]`.
    caused: Vec<u32>,
    n_illnesses: u64,
    n_infections: u64,
}

/// The mean, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanOffspring {
    /// Infections caused by an illness that is over; `None` if none is.
    pub mean: Option<f64>,
    /// How many are over.
    pub n_over: u64,
}

impl Offspring {
    /// Begins with so many agents, of whom so many are born infected.
    #[must_use]
    pub fn begin(n_agents: u32, n_infected: u32) -> Self {
        Self { caused: vec![0; n_agents as usize], n_illnesses: u64::from(n_infected), n_infections: 0 }
    }

    /// Counts the infections of a second. Agents must be among those of the beginning.
    pub fn count(&mut self, infections: &[Infection]) {
        for infection in infections {
            self.caused[infection.infector as usize] += 1;
            self.n_infections += 1;
        }
        // Nobody infects in the second in which they are infected.
        for infection in infections {
            self.caused[infection.infected as usize] = 0;
            self.n_illnesses += 1;
        }
    }

    /// Returns the mean over the illnesses that are over. `ill` lists who is ill, or was infected in the last second.
    #[must_use]
    pub fn mean(&self, ill: impl IntoIterator<Item = u32>) -> MeanOffspring {
        let (mut n_over, mut n_caused) = (self.n_illnesses, self.n_infections);
        for number in ill {
            n_over = n_over.saturating_sub(1);
            n_caused = n_caused.saturating_sub(u64::from(self.caused[number as usize]));
        }
        let mean = (n_over > 0).then(|| n_caused as f64 / n_over as f64);
        MeanOffspring { mean, n_over }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infects(infector: u32, infected: u32) -> Infection {
        Infection { infected, distance_squared: 1, infector }
    }

    #[test]
    fn illnesses_that_go_on_are_left_out_with_what_they_caused() {
        let mut offspring = Offspring::begin(6, 1);
        offspring.count(&[infects(0, 1), infects(0, 2)]);
        offspring.count(&[infects(1, 3)]);
        // 0 is cured; 1, 2 and 3 are ill.
        assert_eq!(offspring.mean([1, 2, 3]), MeanOffspring { mean: Some(2.0), n_over: 1 });
        assert_eq!(offspring.mean([3]), MeanOffspring { mean: Some(1.0), n_over: 3 });
    }

    #[test]
    fn a_second_illness_of_the_same_agent_begins_with_nothing() {
        let mut offspring = Offspring::begin(3, 1);
        offspring.count(&[infects(0, 1)]);
        offspring.count(&[infects(1, 2), infects(1, 0)]);
        // 0 is ill again and has caused nothing in this illness; its first one caused 1.
        assert_eq!(offspring.mean([0, 2]), MeanOffspring { mean: Some(1.5), n_over: 2 });
    }

    #[test]
    fn without_an_illness_that_is_over_there_is_no_mean() {
        assert_eq!(Offspring::begin(2, 1).mean([0]), MeanOffspring { mean: None, n_over: 0 });
    }
}
