//! Facts at rest: one interface, SQLite and PostgreSQL behind it.
