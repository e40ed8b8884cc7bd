# Keeps a throw-away Apache Kafka for as long as its standard input stays open.
#
# Whoever started it may end in any way, `kill -9` too: the input closes, the broker stops, its folder goes.
# Prints the folder once the broker answers, or what the broker said if it doesn't start. Then it takes words, one a
# line, and says the word again when it is done: `kill` ends the broker as `kill -9` does, `start` starts it on what it
# left behind.
#
# usage: sh broker.sh FOLDER_OF_JARS PORT PORT_OF_THE_CONTROLLER [LINES_OF_SERVER_PROPERTIES [CLUSTER_ID [WORDS…]]]
#
# WORDS go to Kafka's program that prepares the folder. Without CLUSTER_ID the broker is a cluster of its own.

# shellcheck shell=sh

set -eu
trap '' HUP INT TERM
unset CLASSPATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS
jars=$1
port=$2
controller=$3
lines=${4:-}
id=${5:-}
shift "$(($# < 5 ? $# : 5))"
folder=$(mktemp -d "${TMPDIR:-/tmp}/epitrace-kafka-XXXXXXXX")
broker=

end_broker() {
    if [ -n "$broker" ]; then
        kill -9 "$broker" 2>/dev/null || :
        wait "$broker" 2>/dev/null || :
        broker=
    fi
}

tidy() {
    end_broker
    rm -rf "$folder"
}
trap tidy EXIT

# A program of Kafka. The second compiler of the JVM isn't worth its time in so short a life.
kafka() {
    exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$jars/*" "$@"
}

# Starts the broker and waits for it to say that it has started.
start_broker() {
    rm -f "$folder/says"
    mkfifo "$folder/says"
    kafka kafka.Kafka "$folder/server.properties" >"$folder/says" 2>&1 &
    broker=$!
    exec 4<"$folder/says"
    while read -r line <&4; do
        printf '%s\n' "$line" >>"$folder/log"
        case $line in
        *'Kafka Server started'*)
            cat <&4 >>"$folder/log" &
            exec 4<&-
            return
            ;;
        esac
    done
    cat "$folder/log" >&2
    exit 1
}

# Tests say what time it is, so no time is refused and nothing is deleted for its age. Consumers come and go at once, and
# a broker that was killed is taken for dead after three seconds, which it must be before it may come back.
cat >"$folder/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
controller.listener.names=CONTROLLER
log.dirs=$folder/data
auto.create.topics.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.message.timestamp.after.max.ms=9223372036854775807
log.initial.task.delay.ms=86400000
log.retention.check.interval.ms=86400000
$lines
EOF

# An id that began with a minus would be taken for an option.
[ -n "$id" ] || id=E$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=' | cut -c 2-)
(kafka kafka.tools.StorageTool format --cluster-id "$id" --config "$folder/server.properties" "$@") \
    >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
start_broker
echo "$folder"
while read -r word; do
    case $word in
    kill) end_broker ;;
    start) start_broker ;;
    esac
    echo "$word"
done
