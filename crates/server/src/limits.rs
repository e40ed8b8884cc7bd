//! How often somebody may try to sign in, by account and by address, and read what is public, by address. Counted in memory, by each server.

use crate::problem::{Kind, Problem};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// Attempts on one account: ten at once, then one every half minute. A password of 12 characters isn't guessed at that pace.
const OF_ACCOUNT: (u32, Duration) = (10, Duration::from_secs(30));
/// Attempts from one address: thirty at once, for an office behind one, then one every five seconds.
const OF_ADDRESS: (u32, Duration) = (30, Duration::from_secs(5));

/// What is public, from one address: a hundred texts at once, for an office behind one, then one a second.
const OF_READER: (u32, Duration) = (100, Duration::from_secs(1));

/// The limits.
pub struct SignInLimits {
    by_account: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_reader: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            by_account: RateLimiter::keyed(quota(OF_ACCOUNT)),
            by_address: RateLimiter::keyed(quota(OF_ADDRESS)),
            by_reader: RateLimiter::keyed(quota(OF_READER)),
            clock: DefaultClock::default(),
        }
    }
}

fn quota((burst, every): (u32, Duration)) -> Quota {
    // Never fall back: the constants above are not zero.
    let quota = Quota::with_period(every).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
    quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

/// An IPv6 customer has 2^64 addresses: all of a /64 count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
            || IpAddr::V6(std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
            IpAddr::V4,
        ),
    }
}

impl SignInLimits {
    /// Counts an attempt from an address.
    ///
    /// # Errors
    ///
    /// 429 if there were too many.
    pub fn attempt_from(&self, address: IpAddr) -> Result<(), Problem> {
        self.by_address
            .check_key(&network(address))
            .map_err(|not_until| self.too_many(not_until.wait_time_from(self.clock.now())))
    }

    /// Counts an attempt on an account, whether there is one or not.
    ///
    /// # Errors
    ///
    /// 429 if there were too many.
    pub fn attempt_on(&self, account: &str) -> Result<(), Problem> {
        let key = account.chars().take(64).collect::<String>().to_lowercase();
        self.by_account.check_key(&key).map_err(|not_until| self.too_many(not_until.wait_time_from(self.clock.now())))
    }

    /// Counts that somebody reads what is public.
    ///
    /// # Errors
    ///
    /// 429 if it was too often.
    pub fn reading_from(&self, address: IpAddr) -> Result<(), Problem> {
        self.by_reader.check_key(&network(address)).map_err(|not_until| {
            let seconds = not_until.wait_time_from(self.clock.now()).as_secs() + 1;
            Problem::new(Kind::TooManyAttempts)
                .detail(format!("wait {seconds} seconds before the next text"))
                .retry_after(seconds)
        })
    }

    fn too_many(&self, wait: Duration) -> Problem {
        metrics::counter!("epitrace_sign_in_refused_total").increment(1);
        Problem::new(Kind::TooManyAttempts)
            .detail(format!("wait {} seconds before the next attempt", wait.as_secs() + 1))
            .retry_after(wait.as_secs() + 1)
    }

    /// Forgets who has not tried for a while.
    pub fn forget(&self) {
        self.by_account.retain_recent();
        self.by_address.retain_recent();
        self.by_reader.retain_recent();
    }
}
