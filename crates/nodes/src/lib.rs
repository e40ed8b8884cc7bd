//! Nodes of a run as they live, one by one or as a host of many: they move, beacon, listen and report.
//!
//! [`host`] is what nodes do in a second, without clock, randomness or network: whoever drives it says when a second ends and
//! hands it what was heard. [`air`] carries beacons between processes, over UDP. [`work`] drives a host by the clock of its run;
//! where that is read and where reports go stands behind two traits, so a server hosts nodes in its own process, and a process of
//! its own asks the server over [`http`].
//!
//! On a *compact* run beacons and reports are packed. On a *json* run beacons are the JSON of the published nodes, so that both
//! understand each other; reports of the nodes here stay packed, because nobody but the server reads them.
//!
//! What a node has heard and not reported yet lies in memory. A host that is killed loses it: a node is a device, and a device
//! that breaks takes along what it hasn't told.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may fail by panicking"))]

pub mod host;

pub mod air;
pub mod http;
pub mod work;
