//! How many people each case infected, and how unequal that is.
//!
//! Offspring follow a negative binomial distribution with mean R and dispersion k (Lloyd-Smith et al. 2005, doi
//! 10.1038/nature04153): the smaller k, the fewer cases cause most infections. k is the value of maximum likelihood; the
//! mean is fixed at the sample mean, which is its own maximum for every k, so the interval is a profile interval: all k
//! whose log-likelihood lies less than half of 3.841459 (chi-square, 1 degree of freedom, 95 %) below the best.
//!
//! Links are counted as named: a case with two named infectors is the offspring of both.

use crate::outbreak::LinkRecord;

/// Half of the 95 % quantile of chi-square with one degree of freedom.
const HALF_CHI_SQUARE_95: f64 = 3.841_458_820_694_124 / 2.0;

/// Bounds within which k is sought, as natural logarithms: beyond the upper one the distribution is a Poisson.
const LN_K_BOUNDS: (f64, f64) = (-30.0, 18.0);

/// Says why k has no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDispersion {
    /// Fewer than two cases.
    #[error("dispersion needs at least two cases")]
    TooFewCases,
    /// No case infected anybody.
    #[error("no case has offspring")]
    NoOffspring,
    /// Variance does not exceed the mean: the likelihood grows with k without end.
    #[error("offspring vary no more than chance alone makes them (variance not above the mean)")]
    NotOverdispersed,
}

/// Dispersion k of the offspring distribution, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dispersion {
    /// Value of maximum likelihood, above 0.
    pub estimate: Result<f64, NoDispersion>,
    /// Lower end of the interval; there may be one without an estimate. `None` if there is nothing to estimate from.
    pub lower: Option<f64>,
    /// Upper end of the interval; `None` is infinite: a Poisson distribution is compatible with the data.
    pub upper: Option<f64>,
}

/// A case and how many it infected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spreader {
    /// Position in the list of cases.
    pub case_idx: u32,
    /// People it infected, as named.
    pub n_offspring: u32,
}

/// Offspring of all cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Offspring {
    /// People infected by each case, by position: `[n_cases]`.
    pub counts: Vec<u32>,
    /// Links divided by cases; `None` without cases.
    pub mean: Option<f64>,
    /// Cases without offspring.
    pub n_without: usize,
    /// Those who infected most, most first, then by position; nobody without offspring.
    pub top_spreaders: Vec<Spreader>,
    /// Dispersion of the counts.
    pub dispersion_k: Dispersion,
}

/// Counts offspring over links that were accepted, and lists the `n_top` cases with most.
pub fn derive_offspring(n_cases: usize, links: &[LinkRecord], n_top: usize) -> Offspring {
    let mut counts = vec![0u32; n_cases];
    for link in links {
        counts[link.infector as usize] += 1;
    }
    let spreader = |(case, &n_offspring): (usize, &u32)| Spreader { case_idx: case as u32, n_offspring };
    let mut top_spreaders: Vec<_> = counts.iter().enumerate().map(spreader).filter(|s| s.n_offspring > 0).collect();
    let n_without = n_cases - top_spreaders.len();
    top_spreaders.sort_by_key(|s| (std::cmp::Reverse(s.n_offspring), s.case_idx));
    top_spreaders.truncate(n_top);
    Offspring {
        mean: (n_cases > 0).then(|| links.len() as f64 / n_cases as f64),
        n_without,
        top_spreaders,
        dispersion_k: estimate_dispersion(&counts),
        counts,
    }
}

/// Estimates k from the offspring counts of all cases, those without offspring included.
pub fn estimate_dispersion(counts: &[u32]) -> Dispersion {
    let nothing = |reason| Dispersion { estimate: Err(reason), lower: None, upper: None };
    if counts.len() < 2 {
        return nothing(NoDispersion::TooFewCases);
    }
    let Some(likelihood) = Likelihood::new(counts) else {
        return nothing(NoDispersion::NoOffspring);
    };
    let best = likelihood.find_maximum();
    let level = best.map_or(likelihood.poisson(), |ln_k| likelihood.at(ln_k)) - HALF_CHI_SQUARE_95;
    let (lowest, highest) = LN_K_BOUNDS;
    let lower = find_sign_change(|ln_k| likelihood.at(ln_k) - level, lowest, best.unwrap_or(highest));
    let upper = best.and_then(|ln_k| find_sign_change(|ln_k| level - likelihood.at(ln_k), ln_k, highest));
    Dispersion {
        estimate: best.map(f64::exp).ok_or(NoDispersion::NotOverdispersed),
        lower: lower.map(f64::exp),
        upper: upper.filter(|_| likelihood.poisson() < level).map(f64::exp),
    }
}

/// Log-likelihood of ln k, the mean fixed, without the terms in which k does not occur.
///
/// `lnΓ(x + k) − lnΓ(k)` is a sum of `ln(k + j)` over `j < x`; with `c_j` cases that have more than `j` offspring and `S`
/// offspring in all, the whole is `Σ c_j ln(1 + j/k) − (nk + S) ln(1 + mean/k)`, which stays exact for large k.
struct Likelihood {
    n_cases: f64,
    n_offspring: f64,
    /// Cases with more than `j` offspring, by `j`.
    more_than: Vec<f64>,
}

impl Likelihood {
    /// Returns `None` if there are no offspring.
    fn new(counts: &[u32]) -> Option<Self> {
        let largest = counts.iter().copied().max().filter(|&most| most > 0)?;
        let mut more_than = vec![0.0; largest as usize];
        for &count in counts.iter().filter(|&&count| count > 0) {
            more_than[count as usize - 1] += 1.0;
        }
        for j in (1..more_than.len()).rev() {
            more_than[j - 1] += more_than[j];
        }
        Some(Self { n_cases: counts.len() as f64, n_offspring: more_than.iter().sum(), more_than })
    }

    fn mean(&self) -> f64 {
        self.n_offspring / self.n_cases
    }

    fn at(&self, ln_k: f64) -> f64 {
        let k = ln_k.exp();
        let rising: f64 = self.more_than.iter().enumerate().map(|(j, c)| c * (j as f64 / k).ln_1p()).sum();
        rising - (self.n_cases * k + self.n_offspring) * (self.mean() / k).ln_1p()
    }

    /// Returns the limit for infinite k.
    fn poisson(&self) -> f64 {
        -self.n_offspring
    }

    fn slope(&self, ln_k: f64) -> f64 {
        let k = ln_k.exp();
        let rising: f64 = self.more_than.iter().enumerate().map(|(j, c)| c / (k + j as f64)).sum();
        rising - self.n_cases * (self.mean() / k).ln_1p()
    }

    /// Returns ln k of the maximum, `None` if the likelihood grows without end: variance (with n) not above the mean.
    fn find_maximum(&self) -> Option<f64> {
        // Σ x² = Σ_j (2j + 1) c_j
        let squares: f64 = self.more_than.iter().enumerate().map(|(j, c)| (2 * j + 1) as f64 * c).sum();
        let variance = squares / self.n_cases - self.mean().powi(2);
        if variance <= self.mean() {
            return None;
        }
        find_sign_change(|ln_k| -self.slope(ln_k), LN_K_BOUNDS.0, LN_K_BOUNDS.1)
    }
}

/// Returns where `rising` crosses zero from below, by halving; `None` if it does not within the bounds.
fn find_sign_change(rising: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> Option<f64> {
    if rising(low) > 0.0 || rising(high) < 0.0 {
        return None;
    }
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if rising(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_offspring_there_is_no_dispersion() {
        let found = estimate_dispersion(&[0; 50]);
        assert_eq!((found.estimate, found.lower, found.upper), (Err(NoDispersion::NoOffspring), None, None));
    }

    #[test]
    fn one_case_is_too_few() {
        assert_eq!(estimate_dispersion(&[3]).estimate, Err(NoDispersion::TooFewCases));
    }

    #[test]
    fn equal_offspring_have_a_lower_bound_only() {
        let found = estimate_dispersion(&[1; 40]);
        assert_eq!((found.estimate, found.upper), (Err(NoDispersion::NotOverdispersed), None));
        assert!(found.lower.unwrap() > 1.0, "forty equal counts exclude superspreading");
    }

    #[test]
    fn slight_overdispersion_has_an_estimate_but_no_upper_bound() {
        let found = estimate_dispersion(&[0, 0, 0, 1, 2, 4, 1]);
        assert!(found.estimate.unwrap() > 1.0);
        assert!(found.lower.unwrap() < found.estimate.unwrap());
        assert_eq!(found.upper, None, "a Poisson is compatible with seven cases");
    }
}
