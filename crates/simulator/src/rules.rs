//! What holds for all nodes of a run, worked out once from its parameters.

use crate::random::Draws;
use domain::runs::{Movement, Parameters, WrongParameter};

/// How far a node sees, in infection radii: within that it knows of the infected, or of its prey.
///
/// Source: Epitrace's own choice. Every beacon is heard on the whole field, but nobody keeps away from somebody at its
/// other end; and an engine can look for neighbours within a distance only.
pub const SIGHT_RADII: f64 = 4.0;

/// What holds for all nodes of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) movement: Movement,
    /// Whether the infected walk on.
    pub(crate) infected_walk: bool,
    pub(crate) radius_squared: u32,
    pub(crate) sight_squared: u32,
    pub(crate) cooldown_s: u32,
    pub(crate) lifetime_s: u32,
    pub(crate) draws: Draws,
}

impl Rules {
    /// Takes over the parameters of a run.
    ///
    /// # Errors
    ///
    /// [`WrongParameter`] if one is out of its range.
    pub fn new(parameters: &Parameters) -> Result<Self, WrongParameter> {
        parameters.check()?;
        let sight = SIGHT_RADII * parameters.infection_radius;
        Ok(Self {
            width: parameters.width,
            height: parameters.height,
            movement: parameters.movement,
            infected_walk: parameters.humans_and_zombies || parameters.movement == Movement::FleeingChasing,
            // Both fit: the radius is at most 63.75.
            radius_squared: parameters.radius_squared() as u32,
            sight_squared: (sight * sight) as u32,
            cooldown_s: parameters.cooldown_s,
            lifetime_s: parameters.lifetime_s,
            draws: Draws::new(parameters.seed),
        })
    }

    /// Whether nodes walk by what they heard.
    pub(crate) fn looks(&self) -> bool {
        matches!(self.movement, Movement::Careful | Movement::FleeingChasing)
    }

    /// Whether somebody at this distance is a contact.
    #[must_use]
    pub fn is_contact(&self, distance_squared: u32) -> bool {
        distance_squared <= self.radius_squared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_chases_does_not_stand() {
        let rules = |movement, humans_and_zombies| {
            Rules::new(&Parameters { movement, humans_and_zombies, ..Parameters::default() }).unwrap()
        };
        assert!(!rules(Movement::Waypoint, false).infected_walk);
        assert!(rules(Movement::Waypoint, true).infected_walk);
        assert!(rules(Movement::FleeingChasing, false).infected_walk);
    }

    #[test]
    fn a_parameter_out_of_its_range_is_refused() {
        let error = Rules::new(&Parameters { cooldown_s: 0, ..Parameters::default() }).unwrap_err();
        assert_eq!(error.field, "cooldown_s");
    }
}
