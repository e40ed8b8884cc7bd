# Keeps a throw-away PostgreSQL for as long as its standard input stays open.
#
# Whoever started it may end in any way, `kill -9` too: the input closes, the server stops, its folder goes.
# Prints the folder once the server answers, or the server's log if it doesn't start.
#
# usage: sh keeper.sh FOLDER_OF_THE_SERVERS_PROGRAMS PORT

# shellcheck shell=sh

set -eu
trap '' HUP INT TERM
bin=$1
port=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/epitrace-test-XXXXXXXX")
trap 'rm -rf "$folder"' EXIT

"$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

# Nothing here outlives a test, so nothing is synced. Each test has a database of its own, and each statement
# counts once for each of them: hence so many to remember.
cat >>"$folder/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder'
max_connections = 200
fsync = off
full_page_writes = off
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.max = 200000
pg_stat_statements.track = all
pg_stat_statements.save = off
track_activity_query_size = 4096
EOF

"$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --timeout=60 --silent start >/dev/null ||
    { cat "$folder/log" >&2; exit 1; }
echo "$folder"
cat >/dev/null
"$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop
