//! Distances and steps, each told in one byte.

use domain::runs::Position;

/// A distance in quarter steps: 0 to 255, which is 63.75 steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarters(pub u8);

impl Quarters {
    /// Returns the quarter that is nearest to a distance, given as its square in steps²; at most 255.
    #[must_use]
    pub fn nearest(distance_squared: u64) -> Self {
        let in_quarters = distance_squared.min(u64::from(u16::MAX)) * 16;
        let below = in_quarters.isqrt();
        // Above the half between two quarters q and q + 1 if d² > q² + q, in whole numbers.
        let nearest = below + u64::from(in_quarters > below * below + below);
        Self(nearest.min(255) as u8)
    }

    /// Returns the distance in steps.
    #[must_use]
    pub fn steps(self) -> f64 {
        f64::from(self.0) / 4.0
    }
}

/// A step of a node within one second: −8 to 7 along each axis.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Step(pub(super) u8);

impl Step {
    /// Returns the step from one position to another; `None` if it is longer than a report can say.
    #[must_use]
    pub fn between(from: Position, to: Position) -> Option<Self> {
        let half = |from: u16, to: u16| {
            let by = i32::from(to) - i32::from(from);
            (-8..=7).contains(&by).then_some(by as u8 & 0x0f)
        };
        Some(Self(half(from.x, to.x)? | half(from.y, to.y)? << 4))
    }

    /// Returns by how much it moves along x and y.
    #[must_use]
    pub fn by(self) -> (i8, i8) {
        // Shifted up and down again, so that the sign of the half is the sign of the byte.
        (((self.0 << 4).cast_signed()) >> 4, self.0.cast_signed() >> 4)
    }

    /// Returns where a node came from that stands at `to`; `None` if that isn't on any field.
    #[must_use]
    pub fn back_from(self, to: Position) -> Option<Position> {
        let (dx, dy) = self.by();
        let back = |at: u16, by: i8| at.checked_add_signed(-i16::from(by));
        Some(Position { x: back(to.x, dx)?, y: back(to.y, dy)? })
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Step{:?}", self.by())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_distance_is_told_to_the_nearest_quarter() {
        for distance_squared in (0..=u64::from(u16::MAX)).step_by(7).chain([u64::MAX]) {
            let exact = (distance_squared as f64).sqrt().min(63.75);
            let told = Quarters::nearest(distance_squared).steps();
            assert!((told - exact).abs() <= 0.125, "{distance_squared}: {told}, {exact}");
        }
        assert_eq!(Quarters::nearest(4), Quarters(8), "two steps");
        assert_eq!(Quarters::nearest(5), Quarters(9), "2.236 steps");
    }

    proptest! {
        #[test]
        fn a_step_leads_there_and_back(x: u16, y: u16, dx in -8i32..=7, dy in -8i32..=7) {
            let to = Position {
                x: (i32::from(x) + dx).clamp(0, 65_535) as u16,
                y: (i32::from(y) + dy).clamp(0, 65_535) as u16,
            };
            let from = Position { x, y };
            let step = Step::between(from, to).unwrap();
            prop_assert_eq!(step.back_from(to), Some(from));
        }

        #[test]
        fn a_longer_step_cannot_be_told(dx in prop_oneof![Just(-9i32), Just(8), 8i32..30_000]) {
            let from = Position { x: 30_000, y: 5 };
            prop_assert_eq!(Step::between(from, Position { x: (30_000 + dx) as u16, y: 5 }), None);
        }
    }
}
