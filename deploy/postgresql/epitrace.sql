-- Roles and database for Epitrace, made once on the primary as postgres. Passwords come as variables, from a file and not from the command
-- line, which all processes of a host can read: \set migrator '…' and so for app, jobs and intake in roles.sql, then
--   psql --file roles.sql --file epitrace.sql
\set ON_ERROR_STOP on
CREATE ROLE epitrace_migrator LOGIN PASSWORD :'migrator';
CREATE ROLE epitrace_app LOGIN PASSWORD :'app';
CREATE ROLE epitrace_jobs LOGIN PASSWORD :'jobs';
CREATE ROLE epitrace_intake LOGIN PASSWORD :'intake';
GRANT epitrace_jobs TO epitrace_migrator;
-- To see standbys and base backups, for operators. Of statements under way it sees all too, which hold no person: values are parameters.
GRANT pg_monitor TO epitrace_jobs;
CREATE DATABASE epitrace OWNER epitrace_migrator;
REVOKE ALL ON DATABASE epitrace FROM PUBLIC;
GRANT CONNECT ON DATABASE epitrace TO epitrace_app, epitrace_jobs, epitrace_intake;
