"""`cell`: guests and case workers come to a cell, in turns with one server alone on the same machine; then the cell loses one thing after
the other while they write.

usage: run.py --program EPITRACE --guests BENCH-CELL [--small] [--turns N] [--rounds N] [FAULT…]

Needs root and `scripts/setup lab`; `make bench ARGS=cell` brings both programs. Figures go to target/bench/cell.json; `--small` tries the
benchmark itself, and its figures, which say nothing, go to target/bench/small. All of it is in the lab of this checkout: it is
taken away at the end, however it ends, and `scripts/lab down` does so where it was killed.
"""

import argparse
import collections
import dataclasses
import fcntl
import os
import pathlib
import signal
import sys
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(ROOT / "scripts/drills"), str(ROOT / "scripts/cell")]

import alone
import plan
import state
import up
from cost import Meter
from faults import FAULTS
from figures import Figures, median, quantile
from loads import Lag, Side, lay
from people import told, until

PEER = "one server alone with its PostgreSQL"
"Answers that say that it can't be done just now; all others in their place blame us. All guests come from one address, and each is sent \
again several times a second, so a venue's limit for one address is reached while nothing is taken."
CALM = ("503", "429", "no answer", "no answer in time")
KINDS = {"lb": "balancers", "app": "servers", "db": "databases", "keys": "keyring", "kafka": "brokers", "backup": "repository"}
REPAIRED = 30.0


@dataclasses.dataclass
class Scale:
    "How much is measured."
    folder: str
    venues: int
    turns: int
    seconds: float
    rounds: int
    faults: list[str]
    before: float = 4.0
    after: float = 5.0
    telephones: int = 64
    workers: int = 8
    "What comes in a second while something is lost."
    check_ins_per_s: float = 200.0
    cases_per_s: float = 40.0


FULL = Scale("target/bench", venues=400, turns=5, seconds=10.0, rounds=3, faults=list(FAULTS))
SMALL = Scale("target/bench/small", venues=20, turns=1, seconds=2.0, rounds=1, faults=["postmaster", "server"], after=2.0)

RATE = ("64 telephones and 8 case workers in turn, each with a line over TLS and one request under way, as fast as they are answered, for so "
        "many seconds; both sides, the guests and all thirteen hosts of the cell share the machine, and the cell stays up while its peer is "
        "measured. In turns, median. Folders of databases are in memory, so no commit waits for a disk. Ratio: the cell's rate divided by "
        "the peer's of the turn beside it, median")
LATENCY = "the same turns: from sending a request to having read its answer. Ratio: the peer's divided by the cell's, median"
PACED = ("as many guests as come in a second at half of the rate that the cell took at first, the same to both, from sending a request to "
         "having read its answer, in turns, median. Ratio: the peer's divided by the cell's, median")
COST = ("the same turns: processors' time, user and kernel, of all that runs on the hosts, less what they use in the same time at rest, "
        "divided by what was acknowledged; who sends is not counted in it. Ratio: the peer's divided by the cell's, median")
REST = "processors' time of all that runs on the hosts in a second in which nobody comes"
LAG = ("pg_stat_replication of the primary, asked ten times a second, of both standbys: replay_lag, and how much of the log was written "
       "and not yet replayed")
GAP = ("the longest time in a round in which nothing of the kind was acknowledged, from before the loss until after the return, while "
       "guests check in and case workers open cases at a steady pace over the virtual address, each again under its id until it is "
       "acknowledged; median of rounds")
LONGEST = "the same rounds, the longest of all and of either kind"
WAITED = "the same rounds: from the first request for a write until it was acknowledged, at most"
LOST = ("acknowledged in all turns and rounds, looked for 30 s after all was well again: check-ins on the lists of their venues, cases in "
        "the list of cases, each with one record in the audit log")


def load_of(side, scale, kind, seconds, per_s=None):
    crowd = {"n": scale.telephones if kind == "check-ins" else scale.workers, "per_s": per_s}
    return side.load(seconds, **{"telephones" if kind == "check-ins" else "workers": crowd})


def hosts_of(side):
    return [alone.HOST] if side.host == alone.HOST else [host for host in plan.HOSTS if host not in ("client", alone.HOST)]


class Turn:
    "What one load did, and what it cost."

    def __init__(self, side, scale, kind, rest, per_s=None):
        meter = Meter(hosts_of(side))
        load = load_of(side, scale, kind, scale.seconds, per_s)
        seen = load.wait()[kind]
        seconds, cost = meter.read()
        if seen["n"] == 0:
            sys.exit(f"{side.name} acknowledged none of the {kind}: {seen['vain'] or 'nothing was answered'}")
        self.seen, self.rate, self.p50, self.p99 = seen, seen["per_s"], seen["p50_ms"], seen["p99_ms"]
        self.sender_us = load.cpu_s * 1e6 / seen["n"]
        self.us = {host: (cost[host] - rest[host] * seconds) * 1e6 / seen["n"] for host in cost}
        self.cost_us = sum(self.us.values())


def at_rest(side, seconds):
    "Processors' seconds that each host of a side uses in a second."
    meter = Meter(hosts_of(side))
    time.sleep(seconds)
    lasted, cost = meter.read()
    return {host: used / lasted for host, used in cost.items()}


def compared(figures, scale, cell, peer):
    "The cell beside one server alone, in turns. Returns what all of it saw, and the pace that the cell keeps easily."
    rest = {side.name: at_rest(side, scale.seconds) for side in (cell, peer)}
    # Doors, keys and plans are known before it is measured.
    first = {side.name: Turn(side, scale, kind, rest[side.name]) for kind in ("cases", "check-ins") for side in (peer, cell)}
    pace = max(1, round(first[cell.name].rate / 2))
    loads = [("check-ins", None), ("cases", None), ("check-ins", pace)]
    turns = collections.defaultdict(list)
    for number in range(scale.turns):
        for kind, per_s in loads:
            # Who begins changes, so that what the machine does meanwhile favours nobody.
            sides = [peer, cell] if number % 2 == 0 else [cell, peer]
            done = {side.name: Turn(side, scale, kind, rest[side.name], per_s) for side in sides}
            turns[kind, per_s].append((done[cell.name], done[peer.name]))
            print(f"turn {number + 1}, {kind}{f' at {per_s} a second' if per_s else ''}: cell {done[cell.name].rate:.0f}/s, "
                  f"alone {done[peer.name].rate:.0f}/s; load {os.getloadavg()[0]:.1f}", flush=True)
    n = {"turns": scale.turns, "seconds": scale.seconds}

    def both(pairs, of):
        return median([of(ours) for ours, _ in pairs]), median([of(theirs) for _, theirs in pairs])

    def timed(figure, unit, pairs, of, method):
        ours, theirs = both(pairs, of)
        ratio = median([of(theirs) / of(ours) for ours, theirs in pairs])
        figures.add(f"{figure}, cell", ours, unit, method, n, PEER, ratio)
        figures.add(f"{figure}, one server alone", theirs, unit, method, n)

    for kind, one in (("check-ins", "a check-in"), ("cases", "a case")):
        pairs = turns[kind, None]
        ours, theirs = both(pairs, lambda turn: turn.rate)
        ratio = median([ours.rate / theirs.rate for ours, theirs in pairs])
        figures.add(f"{kind}, cell", ours, f"{kind}/s", RATE, n, PEER, ratio)
        figures.add(f"{kind}, one server alone", theirs, f"{kind}/s", RATE, n)
        timed(f"{one} at that rate: p99", "ms", pairs, lambda turn: turn.p99, LATENCY)
        timed(f"processors for {one}", "µs", pairs, lambda turn: turn.cost_us, COST)
        for role, what in KINDS.items():
            value = median([sum(us for host, us in ours.us.items() if plan.role(host) == role) for ours, _ in pairs])
            figures.add(f"processors for {one}, cell: of it {what}", max(value, 0.0), "µs", COST, n)
        figures.add(f"processors for {one}: who sent it", both(pairs, lambda turn: turn.sender_us)[0], "µs", COST, n)
    for share, of in (("p50", lambda turn: turn.p50), ("p99", lambda turn: turn.p99)):
        timed(f"a check-in at {pace} a second: {share}", "ms", turns["check-ins", pace], of, PACED)
    for side, what in ((cell, "cell"), (peer, "one server alone")):
        figures.add(f"processors at rest, {what}", sum(rest[side.name].values()), "cores", REST, {"seconds": scale.seconds})
    return [turn.seen for pairs in turns.values() for pair in pairs for turn in pair], pace


def lags(figures, scale, cell, pace):
    "How far standbys are behind while guests come."
    saw = []
    for per_s, what in ((None, "as many check-ins as it takes"), (pace, f"{pace} check-ins a second")):
        load = load_of(cell, scale, "check-ins", scale.seconds * 1.5, per_s)
        lag = Lag()
        saw.append(load.wait()["check-ins"])
        lag.stop()
        n = {"looks": len(lag.ms)}
        for values, unit, factor in ((lag.ms, "ms", 1.0), (lag.bytes, "KiB", 1 / 1024)):
            figures.add(f"standbys behind, {what}: p50", quantile(values, 0.5) * factor, unit, LAG, n)
            figures.add(f"standbys behind, {what}: longest", max(values) * factor, unit, LAG, n)
    return saw


def lose(number, name, cell, scale):
    "Loses one thing while both kinds of write go on, and gets it back. Returns what was seen."
    fault = FAULTS[name]
    until("a cell in which all is well", lambda: state.table()[1])
    victim = until("whom to take it from", fault.victim)
    load = cell.load(3600.0, {"n": scale.telephones // 2, "per_s": scale.check_ins_per_s}, {"n": scale.workers, "per_s": scale.cases_per_s})
    load.goes_on()
    time.sleep(scale.before)
    fault.take_away(victim)
    if fault.of_primary:
        until("another primary", lambda: state.primary() not in (None, victim))
    time.sleep(scale.after)
    load.goes_on()
    fault.bring_back(victim)
    until("a cell in which all is well", lambda: state.table()[1])
    load.goes_on()
    seen = load.stop()
    said = "; ".join(f"{kind}: {one['n']} acknowledged, {one['gap_s']:.2f} s without, in vain {one['vain']}" for kind, one in seen.items())
    print(f"{name} {number}: {victim} lost; {said}; load {os.getloadavg()[0]:.1f}", flush=True)
    return seen


def losses(figures, scale, cell):
    saw = []
    for name in scale.faults:
        rounds = [lose(number + 1, name, cell, scale) for number in range(scale.rounds)]
        saw += [one for seen in rounds for one in seen.values()]
        n = {"rounds": len(rounds), "check-ins a second": scale.check_ins_per_s, "cases a second": scale.cases_per_s}
        lost = f"lost: {FAULTS[name].what}"
        gaps = {kind: [seen[kind]["gap_s"] for seen in rounds] for kind in ("check-ins", "cases")}
        for kind, seconds in gaps.items():
            figures.add(f"{lost}: without {kind}", median(seconds), "s", GAP, n)
        figures.add(f"{lost}: longest", max(max(seconds) for seconds in gaps.values()), "s", LONGEST, n)
        waits = [one["longest_wait_s"] for seen in rounds for one in seen.values()]
        figures.add(f"{lost}: one write waited", max(waits), "s", WAITED, n)
    return saw


def counted(figures, cell, peer, saw):
    "Whether all that was acknowledged is there."
    until("a cell in which all is well", lambda: state.table()[1])
    time.sleep(REPAIRED)
    for side, what in ((cell, "cell"), (peer, "one server alone")):
        for kind, found in (("cases", side.count_cases()), ("check-ins", side.count_check_ins())):
            n = {"acknowledged": found["acknowledged"]}
            figures.add(f"acknowledged {kind} that are missing, {what}", found["missing"], kind, LOST, n, most=0)
            figures.add(f"{kind} that are there twice, {what}", found["doubled"], kind, LOST, n, most=0)
    wrong = [(status, *said) for one in saw for status, said in one["wrong"].items()]
    for status, times, body in wrong:
        print(f"nobody should get: {status}, {times} times, first {body}")
    blaming = sum(times for one in saw for what, times in one["vain"].items() if what not in CALM)
    n_wrong = blaming + sum(times for _, times, _ in wrong)
    figures.add("answers but 201, 503, 429 or none", n_wrong, "answers", LOST, {"acknowledged": sum(one["n"] for one in saw)}, most=0)


def words():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--guests", type=pathlib.Path, required=True)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--turns", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("faults", nargs="*", choices=[[], *FAULTS], default=[])
    return parser.parse_args()


def main():
    said = words()
    scale = SMALL if said.small else FULL
    scale = dataclasses.replace(scale, turns=said.turns or scale.turns, rounds=said.rounds or scale.rounds,
                                faults=said.faults or scale.faults)
    if os.geteuid() != 0:
        sys.exit("a cell on this machine needs root")
    plan.LAB.mkdir(parents=True, exist_ok=True)
    lock = open(plan.LAB / "lock", "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("scripts/lab is at work here; end it first")
    alone.plan_it()
    tools = up.tools(said.program)
    up.down()
    print(f"load before it begins: {os.getloadavg()[0]:.1f}", flush=True)
    try:
        up.up(tools, 180)
        alone.begin(up.Steps(60))
        lay(said.guests)
        peer = Side("alone", alone.ADDRESS, alone.HOST, scale.venues)
        cell = Side("cell", plan.VIRTUAL, "app-1", scale.venues)
        figures = Figures(ROOT / scale.folder / "cell.json")
        saw, pace = compared(figures, scale, cell, peer)
        saw += lags(figures, scale, cell, pace)
        saw += losses(figures, scale, cell)
        counted(figures, cell, peer, saw)
        figures.write()
    finally:
        up.down()
    return 0


if __name__ == "__main__":
    # Whoever ends it in the ordinary way has it clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(told(main))
    except KeyboardInterrupt:
        sys.exit("interrupted; the cell is taken away")
