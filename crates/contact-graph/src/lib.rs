//! Exposure search, chains of transmission, epidemic statistics. Pure.
