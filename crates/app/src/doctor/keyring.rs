//! Where the keyring is, and how its sides stand.

use super::Finding;
use crate::context::App;
use std::path::Path;
use storage::sealing::{Mirror, SealingError, Standing};

const CHECK: &str = "keyring";
/// Clocks that differ by more are soon too far apart: seconds.
const CLOCKS_DIFFER_S: u64 = 60;

impl App {
    /// Says where the keyring lies, or how each of its sides stands.
    pub(super) async fn check_sides(&self, data: &Path, folder: &Path) -> Vec<Finding> {
        let standings = match self.keys_if_any() {
            Some(keys) => keys.standings().await,
            None => Vec::new(),
        };
        if standings.is_empty() {
            return vec![check_place(data, folder)];
        }
        standings.iter().map(|(address, standing)| of_side(address, standing)).collect()
    }
}

fn check_place(data: &Path, keyring: &Path) -> Finding {
    if keyring.starts_with(data) {
        return Finding::warning(
            CHECK,
            "it lies beside the data",
            "who takes the disk takes both; move the folder and name it with --keyring, and keep a `keys export` elsewhere",
        );
    }
    Finding::fine(CHECK, "it lies apart from the data")
}

fn of_side(address: &str, standing: &Result<Standing, SealingError>) -> Finding {
    let standing = match standing {
        Ok(standing) => standing,
        Err(error) => {
            let advice =
                "start epitrace-keyring.service on its host; what is on the other goes on being read meanwhile";
            return Finding::broken(CHECK, format!("{address}: {error}"), advice);
        }
    };
    let Standing { answers, mirror, clock_ahead_s, n_data_keys, n_day_keys, n_only_here, .. } = standing;
    if !answers {
        let advice = "it answers once it has spoken with its mirror: start that; if its host is lost, say `epitrace keyring \
            alone` here";
        return Finding::broken(CHECK, format!("{address} waits for its mirror"), advice);
    }
    if clock_ahead_s.unsigned_abs() > CLOCKS_DIFFER_S {
        let found = format!("{address}: the clock of its mirror differs by {} s", clock_ahead_s.unsigned_abs());
        return Finding::warning(CHECK, found, "set both clocks; from five minutes on they don't work together");
    }
    let keys = format!("{n_data_keys} keys of authorities, {n_day_keys} of days");
    match mirror {
        Mirror::There => Finding::fine(CHECK, format!("{address} and its mirror hold the same: {keys}")),
        Mirror::None => {
            let advice = "set one up on another host; until then keep a `keys export`, which holds no days";
            Finding::warning(CHECK, format!("{address} has no mirror; {keys}"), advice)
        }
        Mirror::Away => {
            let advice = "bring it back; until then no key is made, so from the third day on no guest can check in";
            Finding::warning(CHECK, format!("{address}: its mirror is away; {keys}"), advice)
        }
        Mirror::Alone => {
            let advice = "bring the other host back, or make a new one: what is here alone is lost with this disk";
            Finding::warning(CHECK, format!("{address} goes on alone; {n_only_here} keys are on it alone"), advice)
        }
    }
}
