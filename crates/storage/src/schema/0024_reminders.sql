-- Reminders of half days without an entry: who wants none, and of which one somebody was reminded last.
ALTER TABLE patient_account ADD COLUMN no_reminders_at INSTANT; -- When they said that they want none; null while they want them
ALTER TABLE enrolment ADD COLUMN reminded_slot BIGINT; -- The newest half day of which they were reminded, counted from 1970; null before the first
