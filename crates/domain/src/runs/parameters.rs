//! What a run is started with.

use super::Position;

/// How nodes move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// One step a second toward a point drawn at random, along the longer axis first.
    #[default]
    Waypoint,
    /// One step a second in a direction drawn anew each second.
    RandomWalk,
    /// Straight flights of a length with a heavy tail, one after the other.
    LevyFlight,
    /// As by waypoints, but away from the infected that were heard of.
    Careful,
    /// The susceptible flee from the infected, who chase them: here they never stand.
    FleeingChasing,
}

/// In what the nodes of a run speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// Beacons of 24 bytes, packed reports.
    #[default]
    Compact,
    /// The JSON of the published nodes.
    Json,
}

/// What holds for all nodes of a run. Read from JSON, the names of the published system are understood too.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// The field reaches from 0 to this, in steps: 1 to 65,535.
    #[serde(alias = "field_width")]
    pub width: u16,
    /// The field reaches from 0 to this, in steps: 1 to 65,535.
    #[serde(alias = "field_height")]
    pub height: u16,
    /// Pixels of a step where a picture is drawn as the published page drew it: 1 to 100.
    pub scale_factor: u16,
    /// Seconds that a node lives: 1 to 1,000,000.
    #[serde(alias = "zombie_lifetime")]
    pub lifetime_s: u32,
    /// Steps within which a beacon is heard, Euclidean, this distance included: more than 0, at most 63.75.
    pub infection_radius: f64,
    /// Seconds that an infection lasts, and then as many of immunity: 1 to 100,000.
    #[serde(alias = "infection_cooldown")]
    pub cooldown_s: u32,
    /// How nodes move.
    pub movement: Movement,
    /// Whether the infected are zombies, who walk on instead of standing, and the susceptible humans.
    #[serde(alias = "move_when_infected")]
    pub humans_and_zombies: bool,
    /// In what they speak.
    pub wire: Wire,
    /// Draws places and ways: the same number gives the same run.
    pub seed: u64,
}

impl Default for Parameters {
    /// The values of the published system.
    fn default() -> Self {
        Self {
            width: 100,
            height: 100,
            scale_factor: 5,
            lifetime_s: 120,
            infection_radius: 2.0,
            cooldown_s: 15,
            movement: Movement::Waypoint,
            humans_and_zombies: false,
            wire: Wire::Compact,
            seed: 0,
        }
    }
}

/// A parameter out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {range}")]
pub struct WrongParameter {
    /// Which.
    pub field: &'static str,
    /// What it may be.
    pub range: &'static str,
}

impl Parameters {
    /// Checks the ranges.
    ///
    /// # Errors
    ///
    /// [`WrongParameter`]: the first that is out of its range.
    pub fn check(&self) -> Result<(), WrongParameter> {
        let wrong = |field, range| Err(WrongParameter { field, range });
        match self {
            Self { width: 0, .. } => wrong("width", "1 to 65,535 steps"),
            Self { height: 0, .. } => wrong("height", "1 to 65,535 steps"),
            Self { scale_factor, .. } if !(1..=100).contains(scale_factor) => wrong("scale_factor", "1 to 100"),
            Self { lifetime_s, .. } if !(1..=1_000_000).contains(lifetime_s) => {
                wrong("lifetime_s", "1 to 1,000,000 seconds")
            }
            Self { infection_radius, .. } if !(*infection_radius > 0.0 && *infection_radius <= 63.75) => {
                wrong("infection_radius", "more than 0, at most 63.75 steps")
            }
            Self { cooldown_s, .. } if !(1..=100_000).contains(cooldown_s) => {
                wrong("cooldown_s", "1 to 100,000 seconds")
            }
            _ => Ok(()),
        }
    }

    /// Returns the largest square of a distance within the radius, in whole steps².
    #[must_use]
    pub fn radius_squared(&self) -> u64 {
        let square = self.infection_radius * self.infection_radius;
        // At most 63.75²; the radius is checked.
        square.floor().clamp(0.0, 4_065.0) as u64
    }

    /// Whether a place lies on the field.
    #[must_use]
    pub fn holds(&self, position: Position) -> bool {
        position.x <= self.width && position.y <= self.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_of_2_is_within_a_radius_of_2_and_of_2_24_is_not() {
        let two = Parameters::default().radius_squared();
        let from = Position { x: 10, y: 10 };
        assert!(from.distance_squared(Position { x: 10, y: 12 }) <= two);
        assert!(from.distance_squared(Position { x: 11, y: 12 }) > two);
    }

    #[test]
    fn the_names_of_the_published_system_are_understood_and_other_names_are_not() {
        let published = r#"{"field_width": 80, "field_height": 60, "scale_factor": 4, "zombie_lifetime": 90,
            "infection_radius": 3, "infection_cooldown": 10}"#;
        let parameters: Parameters = serde_json::from_str(published).unwrap();
        let expected = Parameters {
            width: 80,
            height: 60,
            scale_factor: 4,
            lifetime_s: 90,
            infection_radius: 3.0,
            cooldown_s: 10,
            ..Parameters::default()
        };
        assert_eq!(parameters, expected);
        let error = serde_json::from_str::<Parameters>(r#"{"zombie_life": 90}"#).unwrap_err().to_string();
        assert!(error.contains("zombie_life") && error.contains("zombie_lifetime"), "{error}");
        assert!(serde_json::from_str::<Parameters>(r#"{"zombie_lifetime": 1, "lifetime_s": 2}"#).is_err());
    }

    #[test]
    fn each_range_is_said() {
        let good = Parameters::default();
        assert_eq!(good.check(), Ok(()));
        let wrong = [
            (Parameters { width: 0, ..good }, "width"),
            (Parameters { height: 0, ..good }, "height"),
            (Parameters { scale_factor: 0, ..good }, "scale_factor"),
            (Parameters { lifetime_s: 0, ..good }, "lifetime_s"),
            (Parameters { infection_radius: f64::NAN, ..good }, "infection_radius"),
            (Parameters { infection_radius: 64.0, ..good }, "infection_radius"),
            (Parameters { cooldown_s: 0, ..good }, "cooldown_s"),
        ];
        for (parameters, field) in wrong {
            assert_eq!(parameters.check().unwrap_err().field, field);
        }
    }
}
