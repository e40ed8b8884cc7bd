"""Takes away one part of a cell after the other while cases are opened and nodes report: acknowledged = found, each once, and no report lost.

Each part is away for a while, then comes back; counted while it is away, and 30 s after all is well. Where nothing can be acknowledged,
as with both standbys away or every disk full, the answers must be 503, and all goes on by itself afterwards.
Needs root and `scripts/setup lab`. usage: losses.py [PART…]
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
import typing

import faults
from people import AWAY, Writers, bring_up, count, figures, keep, key, kinds_of, lab, signed_in, told, until

import hosts
import network
import plan
import state
import up

N_WRITERS, N_NODES, ENOUGH = 4, 8, 40
"How long a part is away, and how long it is waited before anything is taken away."
AWAY_S, BEFORE_S, REPAIRED_S = 20.0, 4.0, 30.0
"What every disk has left when they are to be full: less than PostgreSQL needs for its next segment."
LEFT_BYTES = 4 << 20


@dataclasses.dataclass
class Part:
    "What is taken away, which says what it took, how that comes back, and whether cases are opened meanwhile."
    what: str
    away: typing.Callable[[], list]
    back: typing.Callable[[list], object]
    goes_on: bool = True


def one(fault):
    "The loss of one thing."
    def away():
        victim = until(fault.what, fault.victim)
        fault.take_away(victim)
        return [victim]
    return Part(fault.what, away, lambda lost: fault.bring_back(*lost))


def hosts_at_once(what, choose, *, goes_on=True):
    "A power cut of several hosts, chosen when it happens."
    def away():
        lost = choose()
        for host in lost:
            faults.off(host)
        return lost

    def back(lost):
        for host in lost:
            faults.on(host)
    return Part(what, away, back, goes_on)


def standbys():
    primary = until("a primary", state.primary)
    return [host for host in plan.of("db") if host != primary]


def kill_consumer():
    network.tell("app-1", "kill", "epitrace-consume")
    return ["app-1"]


def fill():
    "All disks at once: they are one here, which is made as small as it is full."
    used = shutil.disk_usage(plan.CELL).used
    subprocess.run(["mount", "-o", f"remount,size={used + LEFT_BYTES}", plan.CELL], check=True)
    return ["every disk"]


def make_room(_):
    subprocess.run(["mount", "-o", "remount,size=75%", plan.CELL], check=True)


ALONE = ["server", "server-host", "balancer", "standby", "broker", "keyring"]
PARTS = {name: one(faults.FAULTS[name]) for name in ALONE} | {
    "consumer": Part("a consumer, `kill -9`", kill_consumer, faults.by_itself),
    "standbys": hosts_at_once("both standbys", standbys, goes_on=False),
    "two-brokers": hosts_at_once("two brokers", lambda: plan.of("kafka")[:2]),
    "brokers": hosts_at_once("all brokers", lambda: plan.of("kafka")),
    "keyrings": hosts_at_once("both hosts of the keyring", lambda: plan.of("keys")),
    "backup": hosts_at_once("the host of the backups", lambda: plan.of("backup")),
    "room": Part("the room on every disk", fill, make_room, goes_on=False),
}


class Nodes:
    """A run whose nodes live on the client's host: no server's loss ends them, and they report over the virtual address.

    All hear each other in each second. At their end they say how often, and all of it must be stored, each once.
    """

    CLOSE = ["--width", "1", "--height", "1", "--lifetime", "1000000"]

    def __init__(self, caller):
        self.caller = caller
        asked = ["--safe", "0", "--infected", "0", *self.CLOSE]
        self.run = json.loads(up.epitrace("app-1", "runs", "new", *asked, "--account", "kim", "--json"))["run_id"]
        key_file = hosts.folder("client") / "root/run.key"
        key_file.write_text(up.epitrace("app-1", "runs", "key", self.run, "--account", "kim"))
        words = ["/usr/local/bin/epitrace", "node", "--run", self.run, "--server", f"https://{plan.PAGE}", "--key-file", "/root/run.key",
                 "--count", str(N_NODES), "--json"]
        self.log = open(hosts.folder("client") / "var/log/nodes.log", "ab")
        self.process = subprocess.Popen(network.command("client", words), stdout=subprocess.PIPE, stderr=self.log, text=True)

    def ask(self, path):
        "A line that lay idle since the beginning has ended; the next is new."
        try:
            return self.caller.must("GET", path)
        except AWAY:
            return self.caller.must("GET", path)

    def n_heard(self):
        "How often, as it is stored."
        n, cursor = 0, ""
        while True:
            page = self.ask(f"/api/v1/runs/{self.run}/encounters{cursor}")
            n += sum(met["count"] for met in page["items"])
            if not page["next"]:
                return n
            cursor = f"?cursor={page['next']}"

    def end(self):
        "Ends the run. Returns how often its nodes heard each other, and how often by what is stored."
        up.epitrace("app-1", "runs", "stop", self.run, "--account", "kim")
        said, _ = self.process.communicate(timeout=120)
        self.log.close()
        ended = json.loads(said)
        if ended["ended"] != "stopped" or ended["contacts_lost"] != 0:
            sys.exit(f"the nodes ended otherwise: {ended}")
        until("what the nodes heard", lambda: self.n_heard() >= ended["contacts"])
        return ended["contacts"], self.n_heard()


def lose(part, bearer, acknowledged, away_s=AWAY_S):
    until("a cell in which all is well", lambda: state.table()[1])
    writers = Writers(N_WRITERS, bearer)
    writers.until_more("cases", ENOUGH)
    time.sleep(BEFORE_S)
    lost = part.away()
    taken = time.monotonic()
    time.sleep(away_s)
    before = count(writers.acknowledged()) if part.goes_on else None
    n_meanwhile = sum(at > taken + away_s / 2 for at in writers.times())
    part.back(lost)
    n_before, returned = len(writers.times()), time.monotonic()
    writers.until_more("a write after it came back", n_before + N_WRITERS)
    resumed = time.monotonic() - returned
    until("a cell in which all is well", lambda: state.table()[1])
    writers.end()
    acknowledged += writers.acknowledged()
    at, gap = writers.times(), writers.longest_without()
    kinds, slowest = kinds_of(writers.vain())
    time.sleep(REPAIRED_S)
    later = count(acknowledged)
    print(f"{part.what}: {', '.join(lost)} away; {len(at)} acknowledged, {n_meanwhile} of them while it was, {gap:.1f} s without, a write {resumed:.1f} s "
          f"after it came back; in vain {dict(kinds)}, the slowest after {slowest:.1f} s; lost/doubled while away {before}, 30 s after all was "
          f"well {later}; load {os.getloadavg()[0]:.1f}", flush=True)
    counts = [one for one in (before, later) if one]
    n_lost, n_doubled = max(lost for lost, _ in counts), max(doubled for _, doubled in counts)
    n_other = sum(n for kind, n in kinds.items() if kind not in ("503", "no answer"))
    goal = "> 0" if part.goes_on else None
    rows_of = [
        (f"{part.what} away: acknowledged cases that are missing", n_lost, "cases", "0", n_lost == 0),
        (f"{part.what} away: cases opened twice", n_doubled, "cases", "0", n_doubled == 0),
        (f"{part.what} away: answers that blame us, such as 500", n_other, "answers", "0", n_other == 0),
        (f"{part.what} away: acknowledged meanwhile", n_meanwhile, "cases", goal, n_meanwhile > 0 if part.goes_on else None),
        (f"{part.what} away: longest time without a write", round(gap, 1), "s", None, None),
    ]
    method = f"{N_WRITERS} clients open cases; away for {away_s:.0f} s; counted while it is away, and 30 s after all is well"
    return figures(rows_of, {"acknowledged": len(at)}, method)


def main():
    names = sys.argv[1:] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no part is called {unknown[0]}; there are: {', '.join(PARTS)}")
    bring_up()
    acknowledged, found = [], []
    try:
        caller = signed_in()
        bearer, nodes = key(caller), Nodes(caller)
        for name in names:
            found += lose(PARTS[name], bearer, acknowledged)
        heard, stored = nodes.end()
        print(f"{N_NODES} nodes on another host heard each other {heard} times all the while; stored {stored}", flush=True)
        row = ("meanwhile: what nodes heard, stored otherwise than once", abs(heard - stored), "contacts", "0", heard == stored)
        found += figures([row], {"contacts": heard}, "nodes in a process of their own, which hold what nobody takes and send it again")
    finally:
        lab("down")
    return keep("losses", found)


if __name__ == "__main__":
    sys.exit(told(main))
