//! Handing a case over to another authority of the installation.
//!
//! Each side keeps its own journal and works in its own rows, under its own key. What one has to tell the other leaves
//! through its outbox, in the transaction of its own step, and arrives through the other's inbox, in the transaction of
//! what follows from it: killed at any point, it goes on where it was, and no step is taken twice. So it works between
//! two databases as it does within one.
//!
//! | step | who | what |
//! | --- | --- | --- |
//! | asked | has the case | the other gets what names nobody: type, age band, postcode, days, how many look alike |
//! | accepted | is asked | the case is closed for whoever had it: from now on it is read only there |
//! | copied | is asked | person, case, diary, quarantine and declared contacts are there, under the same ids |
//! | closed | had the case | its copy ends after 16 days |

mod answer;
mod arrive;
mod ask;
mod deliver;
mod seen;

pub use answer::Refusal;
pub use ask::NewHandOver;
pub use seen::{Candidate, HandOversOfCase, SeenHandOver};

/// In whose name the platform takes the steps that follow from another authority's.
const ACCOUNT: &str = "system:hand_over";

const ASKED: &str = "hand_over.asked";
const WITHDRAWN: &str = "hand_over.withdrawn";
const REFUSED: &str = "hand_over.refused";
const ACCEPTED: &str = "hand_over.accepted";
const RELEASED: &str = "hand_over.released";
const COPIED: &str = "hand_over.copied";
const CLOSED: &str = "hand_over.closed";
