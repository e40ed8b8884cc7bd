//! What people do here: one function for one intention.
