//! How often somebody may try to sign in, by account and by address, read what is public, by address, write to the
//! authority, by patient, and register venues, by address and mail address. Counted in memory, by each server.

use crate::problem::{Kind, Problem};
use domain::ids::{PatientId, VenueId};
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
/// Messages of one account of a patient: five at once, then one every ten minutes. Whoever has more to say telephones.
const OF_WRITER: (u32, Duration) = (5, Duration::from_mins(10));

/// Check-ins at one venue: thousands at once when a hall opens, then five a second.
const OF_VENUE: (u32, Duration) = (20_000, Duration::from_millis(200));
/// Check-ins at one venue from one address: three hundred at once, for a school behind one, then one every two seconds.
const OF_GUESTS: (u32, Duration) = (300, Duration::from_secs(2));
/// Registrations of venues from one address: twenty at once, for a street of bars behind one, then one every five minutes.
const OF_REGISTRAR: (u32, Duration) = (20, Duration::from_mins(5));
/// Links to one mail address: three at once, then one an hour, so that nobody's mailbox is filled through us.
const OF_MAILBOX: (u32, Duration) = (3, Duration::from_hours(1));

/// Blocks of visitors, and codes, from one address: a hundred at once, so that a stadium's list goes in, then one every two
/// seconds.
const OF_BRINGER: (u32, Duration) = (100, Duration::from_secs(2));
/// Blocks of visitors, and codes, at one authority: a thousand at once, then two a second. A code has 40 random bits.
const OF_AUTHORITY: (u32, Duration) = (1_000, Duration::from_millis(500));

/// The limits.
pub struct Limits {
    by_bringer: DefaultKeyedRateLimiter<IpAddr>,
    by_authority: DefaultKeyedRateLimiter<String>,
    by_venue: DefaultKeyedRateLimiter<VenueId>,
    by_guests: DefaultKeyedRateLimiter<u64>,
    keyed: std::hash::RandomState,
    by_account: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_reader: DefaultKeyedRateLimiter<IpAddr>,
    by_writer: DefaultKeyedRateLimiter<PatientId>,
    by_registrar: DefaultKeyedRateLimiter<IpAddr>,
    by_mailbox: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            by_bringer: RateLimiter::keyed(quota(OF_BRINGER)),
            by_authority: RateLimiter::keyed(quota(OF_AUTHORITY)),
            by_account: RateLimiter::keyed(quota(OF_ACCOUNT)),
            by_address: RateLimiter::keyed(quota(OF_ADDRESS)),
            by_writer: RateLimiter::keyed(quota(OF_WRITER)),
            by_reader: RateLimiter::keyed(quota(OF_READER)),
            by_venue: RateLimiter::keyed(quota(OF_VENUE)),
            by_guests: RateLimiter::keyed(quota(OF_GUESTS)),
            keyed: std::hash::RandomState::new(),
            by_registrar: RateLimiter::keyed(quota(OF_REGISTRAR)),
            by_mailbox: RateLimiter::keyed(quota(OF_MAILBOX)),
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

impl Limits {
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

    /// Counts a message that a patient writes.
    ///
    /// # Errors
    ///
    /// 429 if there were too many.
    pub fn message_of(&self, patient_id: PatientId) -> Result<(), Problem> {
        self.by_writer.check_key(&patient_id).map_err(|not_until| wait_for(not_until.wait_time_from(self.clock.now())))
    }

    /// Counts a registration of a venue from an address, by a mail address.
    ///
    /// # Errors
    ///
    /// 429 if there were too many of either.
    pub fn registration(&self, address: IpAddr, email: &str) -> Result<(), Problem> {
        let refused = self.by_registrar.check_key(&network(address));
        refused.map_err(|not_until| wait_for(not_until.wait_time_from(self.clock.now())))?;
        self.mail_to(email)
    }

    /// Counts a link to a mail address, whether it is known or not.
    ///
    /// # Errors
    ///
    /// 429 if there were too many.
    pub fn mail_to(&self, email: &str) -> Result<(), Problem> {
        let key = email.trim().chars().take(254).collect::<String>().to_lowercase();
        self.by_mailbox.check_key(&key).map_err(|not_until| wait_for(not_until.wait_time_from(self.clock.now())))
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

    /// Counts guests who come or leave at a venue. Of the address only a hash is kept, under a key that nobody knows, in
    /// memory.
    ///
    /// # Errors
    ///
    /// 429 if there are too many of them at the venue, or at the venue from one address.
    pub fn arrival(&self, (venue_id, address): (VenueId, IpAddr), n: usize) -> Result<(), Problem> {
        let n = u32::try_from(n).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        let too_many = |wait: Duration| {
            Problem::new(Kind::TooManyAttempts)
                .detail("many guests come here at this moment; this is sent again by itself")
                .retry_after(wait.as_secs() + 1)
        };
        let late = |_| too_many(Duration::from_secs(60));
        let guests = std::hash::BuildHasher::hash_one(&self.keyed, (venue_id, network(address)));
        let by_guests = self.by_guests.check_key_n(&guests, n).map_err(late)?;
        by_guests.map_err(|not_until| too_many(not_until.wait_time_from(self.clock.now())))?;
        let by_venue = self.by_venue.check_key_n(&venue_id, n).map_err(late)?;
        by_venue.map_err(|not_until| too_many(not_until.wait_time_from(self.clock.now())))
    }

    /// Counts that somebody hands in visitors at an authority, or tries a code, whether it works or not.
    ///
    /// # Errors
    ///
    /// 429 if it was too often, from this address or at this authority.
    pub fn handing_in(&self, authority: &str, address: IpAddr) -> Result<(), Problem> {
        let now = || self.clock.now();
        let by_bringer = self.by_bringer.check_key(&network(address));
        by_bringer.map_err(|not_until| wait_for(not_until.wait_time_from(now())))?;
        let key = authority.trim().chars().take(8).collect::<String>().to_lowercase();
        self.by_authority.check_key(&key).map_err(|not_until| wait_for(not_until.wait_time_from(now())))
    }

    fn too_many(&self, wait: Duration) -> Problem {
        metrics::counter!("epitrace_sign_in_refused_total").increment(1);
        wait_for(wait)
    }

    /// Forgets who has not tried for a while.
    pub fn forget(&self) {
        self.by_account.retain_recent();
        self.by_address.retain_recent();
        self.by_writer.retain_recent();
        self.by_reader.retain_recent();
        self.by_venue.retain_recent();
        self.by_guests.retain_recent();
        self.by_registrar.retain_recent();
        self.by_mailbox.retain_recent();
        self.by_bringer.retain_recent();
        self.by_authority.retain_recent();
    }
}

fn wait_for(wait: Duration) -> Problem {
    Problem::new(Kind::TooManyAttempts)
        .detail(format!("wait {} seconds before the next attempt", wait.as_secs() + 1))
        .retry_after(wait.as_secs() + 1)
}
