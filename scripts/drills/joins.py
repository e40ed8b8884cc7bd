"""A third server joins a running cell while cases are opened and somebody looks on, and a fourth broker takes partitions by Kafka's own
tools while nodes report: nothing is lost, nothing twice, nobody is refused.

Afterwards the broker that leads most is lost and comes back. Needs root and `scripts/setup lab`. usage: joins.py
"""

import collections
import json
import re
import sys
import time

import balance
import faults
from losses import Nodes
from people import bring_up, count, figures, keep, key, lab, signed_in, told, until

import hosts
import network
import plan
import state
import up

NEW_SERVER, NEW = "app-3", "kafka-4"
TOPIC = "coronaz"
AT = "/tmp/move"
AWAY_S, BEFORE_S, ENOUGH = 20.0, 10.0, 40
TOOLS = "--bootstrap-server kafka-1.example.org:9095 --command-config /etc/kafka/tools.properties"


def kafka(script, words):
    "Runs one of Kafka's own tools on the first broker's host, as its operator would."
    line = f"export KAFKA_HEAP_OPTS='-XX:+UseSerialGC -XX:TieredStopAtLevel=1'; /opt/kafka/bin/{script} {TOOLS} {words}"
    return up.must("kafka-1", ["/bin/sh", "-c", line], "kafka", seconds=120)


def partitions():
    "Of each partition who leads it and who has it, by Kafka's own words."
    said = kafka("kafka-topics.sh", f"--describe --topic {TOPIC}")
    found = re.findall(r"Leader: (\d+)\s+Replicas: ([\d,]+)\s+Isr: ([\d,]+)", said)
    return [(int(leader), sorted(map(int, has.split(","))), sorted(map(int, alive.split(",")))) for leader, has, alive in found]


def come(host):
    "A host that joins, with all that an operator puts on its disk."
    up.join(host)
    until("the new host", lambda: hosts.is_on(host))


def join():
    come(NEW)
    up.begin_broker(NEW)
    until("the new broker", lambda: "leads" in state.broker(NEW))


def n_asked(host):
    "How many requests of people a server has answered, by its log."
    return sum('"http.route":"/api/' in line for line in (hosts.folder(host) / "var/log/epitrace.log").read_text().splitlines())


def server_joins(caller, bearer):
    """Puts a third server there, which takes its share. Returns the cases that were opened meanwhile, who looked, what writers were told in
    vain, and how many requests it answered."""
    def happens():
        come(NEW_SERVER)
        for unit in plan.at_once(NEW_SERVER):
            network.tell(NEW_SERVER, "start", unit)
        until("the new server", lambda: state.server(NEW_SERVER) == "ready")
        servers = (plan.DEPLOY / f"haproxy/servers/{plan.WAY}.cfg").read_text().rstrip("\n")
        balance.share_out(f"{servers}\n{servers.splitlines()[-1].replace('app-2', NEW_SERVER)}\n", 3)
        until("its share", lambda: n_asked(NEW_SERVER) >= ENOUGH)

    reader, cases, vain = balance.people(caller, bearer, happens)
    return cases, reader, vain, n_asked(NEW_SERVER)


def move():
    "Has the tool say where partitions should be, and do so. Returns how long it took."
    begun = time.monotonic()
    topics = json.dumps({"version": 1, "topics": [{"topic": TOPIC}]})
    up.must("kafka-1", ["/bin/sh", "-c", f"mkdir -p {AT}; cat > {AT}/topics.json"], "kafka", stdin=topics)
    said = kafka("kafka-reassign-partitions.sh", f"--topics-to-move-json-file {AT}/topics.json --broker-list 1,2,3,4 --generate")
    plan_of_it = said.split("Proposed partition reassignment configuration")[1].strip()
    up.must("kafka-1", ["/bin/sh", "-c", f"cat > {AT}/plan.json"], "kafka", stdin=plan_of_it)
    kafka("kafka-reassign-partitions.sh", f"--reassignment-json-file {AT}/plan.json --execute")
    verify = f"--reassignment-json-file {AT}/plan.json --verify"
    until("the end of the move", lambda: "still in progress" not in kafka("kafka-reassign-partitions.sh", verify))
    return time.monotonic() - begun


def main():
    bring_up()
    try:
        caller = signed_in()
        cases, reader, vain, n_share = server_joins(caller, key(caller))
        n_lost, n_doubled = count(cases)
        print(f"{NEW_SERVER} answered {n_share} requests; {len(cases)} cases, in vain {dict(vain)}; {reader.n_well} looks, in vain {dict(reader.vain)}; "
              f"lost/doubled {n_lost}/{n_doubled}", flush=True)
        nodes = Nodes(caller)
        until("a report", lambda: nodes.n_heard() > 0)
        before = partitions()
        join()
        seconds = move()
        after = until("all replicas", lambda: (now := partitions()) and all(has == alive for _, has, alive in now) and now)
        n_there, n_led = sum(4 in has for _, has, _ in after), sum(leader == 4 for leader, _, _ in after)
        print(f"{NEW} has {n_there} partitions and leads {n_led}", flush=True)
        time.sleep(BEFORE_S)
        leads = collections.Counter(leader for leader, _, _ in after)
        lost = f"kafka-{leads.most_common(1)[0][0]}"
        faults.off(lost)
        time.sleep(AWAY_S)
        faults.on(lost)
        until("its return", lambda: "leads" in state.broker(lost))
        until("all replicas again", lambda: all(has == alive for _, has, alive in partitions()))
        heard, stored = nodes.end()
    finally:
        lab("down")
    print(f"{len(before)} partitions; {NEW} has {n_there} of them and leads {n_led}, {seconds:.0f} s after the tool was asked; {lost} off for {AWAY_S:.0f} s; "
          f"nodes heard each other {heard} times all the while, stored {stored}", flush=True)
    n_vain = sum(vain.values()) + sum(reader.vain.values())
    rows_of_server = [
        ("a third server joins: acknowledged cases that are missing, or opened twice", n_lost + n_doubled, "cases", "0", n_lost + n_doubled == 0),
        ("a third server joins: answers other than yes", n_vain, "answers", "0", n_vain == 0),
        ("a third server joins: requests that it answered", n_share, "requests", "> 0", n_share > 0),
    ]
    method = "a line in servers.cfg of both balancers, read anew; 3 clients open cases, one browser looks"
    found = figures(rows_of_server, {"acknowledged": len(cases), "looks": reader.n_well}, method)
    rows = [
        ("a fourth broker joins: what nodes heard, stored otherwise than once", abs(heard - stored), "contacts", "0", heard == stored),
        ("a fourth broker joins: partitions that it has", n_there, "partitions", "> 0", n_there > 0),
        ("a fourth broker joins: time until they were moved", round(seconds, 1), "s", None, None),
    ]
    return keep("joins", found + figures(rows, {"contacts": heard}, "kafka-reassign-partitions.sh, from --generate to the end by --verify; nodes report meanwhile"))


sys.exit(told(main))
