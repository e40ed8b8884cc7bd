# Keeps a throw-away PostgreSQL for as long as its standard input stays open: one of its own, or a standby of another.
#
# Whoever started it may end in any way, `kill -9` too: the input closes, the server stops, its folder goes.
# Prints the folder once the server answers and has the roles of an installation, or the server's log if it doesn't
# start.
#
# usage: sh keeper.sh FOLDER_OF_THE_SERVERS_PROGRAMS PORT [LINES_OF_POSTGRESQL_CONF [PORT_OF_THE_PRIMARY]]

# shellcheck shell=sh

set -eu
trap '' HUP INT TERM
unset PGDATA PGHOST PGHOSTADDR PGOPTIONS PGPASSWORD PGSERVICE PGSSLMODE PGUSER
bin=$1
port=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/epitrace-test-XXXXXXXX")

tidy() {
    if [ -e "$folder/data/postmaster.pid" ]; then
        "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop
    fi
    rm -rf "$folder"
}
trap tidy EXIT

primary=${4:-}
if [ -n "$primary" ]; then
    "$bin/pg_basebackup" --pgdata="$folder/data" --host=127.0.0.1 --port="$primary" --username=postgres \
        --checkpoint=fast --write-recovery-conf --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
else
    "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
fi

# Nothing here outlives a test, so nothing is synced. What is executed is logged, so that a statement that never
# was can be named; without the values, of which a single statement may have thousands.
cat >>"$folder/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder'
max_connections = 200
fsync = off
full_page_writes = off
log_statement = all
log_parameter_max_length = 0
${3:-}
EOF

"$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --timeout=60 --silent start >/dev/null ||
    { cat "$folder/log" >&2; exit 1; }
# The roles of an installation. A standby has them from its primary.
[ -n "$primary" ] || "$bin/psql" --no-psqlrc --quiet --host="$folder" --port="$port" --username=postgres --dbname=postgres \
    --set=ON_ERROR_STOP=1 >&2 <<EOF
CREATE ROLE epitrace_migrator LOGIN CREATEDB;
CREATE ROLE epitrace_app LOGIN;
CREATE ROLE epitrace_jobs LOGIN;
CREATE ROLE epitrace_intake LOGIN;
GRANT epitrace_jobs TO epitrace_migrator;
GRANT pg_monitor TO epitrace_jobs;
EOF
echo "$folder"
cat >/dev/null
