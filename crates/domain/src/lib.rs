//! The words of the field and their rules. Pure.
