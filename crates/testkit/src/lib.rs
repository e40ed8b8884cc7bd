//! Fixtures, clocks, throw-away databases. Only tests use it.
