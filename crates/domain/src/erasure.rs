//! Why a person is erased before their time.

use crate::authorities::words;

/// Why somebody is erased, by the General Data Protection Regulation (EU 2016/679), Article 17 (1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErasureReason {
    /// They asked, and nothing obliges the authority to keep it (a to c).
    Request,
    /// It should never have been stored (d).
    Unlawful,
    /// A law or a court obliges the authority to erase it (e).
    Obligation,
}
words!(ErasureReason { Request = "request", Unlawful = "unlawful", Obligation = "obligation" });
