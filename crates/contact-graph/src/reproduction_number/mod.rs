//! Effective reproduction number by day. Two numbers bear the name, and the module says which: [`cori`] gives the
//! *instantaneous* one (how many would those who infect today infect, if today stayed as it is), [`wallinga_teunis`] the
//! *cohort* one (how many did those who fell ill on this day infect). Both need the serial interval: [`discretised`].

pub mod cori;
pub mod discretised;
pub mod wallinga_teunis;
