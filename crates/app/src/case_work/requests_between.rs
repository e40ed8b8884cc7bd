//! Guest lists of venues in another authority's area, asked through that authority.
//!
//! Each side works in its own rows, under its own key. What one has to tell the other is sealed to it and signed, leaves in the
//! transaction of the step it tells of, and is taken in once, in the transaction of what follows: killed at any point, it goes
//! on where it was. Taking in gets the bytes that were sent and nothing else, so it does for messages that come over a wire.
//!
//! | step | who | what |
//! | --- | --- | --- |
//! | asked | has the case | disease, time, and what is known of the venue; never the case |
//! | passed | is asked | somebody found the venue; it is asked as for the authority's own |
//! | released | is asked | the list is opened and sealed to who asked; nothing of it stays here |
//! | arrived | has the case | the guests are sealed anew, as those of any list |

mod answer;
mod arrive;
mod ask;
mod body;
mod post;
mod release;
mod seen;

pub use answer::Decline;
pub use ask::AskedElsewhere;
pub use post::{MessageRefused, Received};
pub use seen::{SeenElsewhere, SeenFromOther, SeenRequestsElsewhere};

/// In whose name the platform takes the steps that follow from another authority's.
const ACCOUNT: &str = "system:requests";
