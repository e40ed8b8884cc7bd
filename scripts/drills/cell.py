"""Takes the primary of a cell away while cases are opened over the API, again and again: acknowledged = found, each once.

Three ways: `kill -9` of its postmaster, a power cut of its host, its cable out; host and cable come back after a new primary has
taken writes. Counted before that, and again 30 s after all is back: what an old primary brings back with it shows only then.
Needs root and `scripts/setup lab`. usage: cell.py [ROUNDS [FAULT…]], where a fault is postmaster, host or cable
"""

import os
import sys
import time

from faults import FAULTS
from people import Writers, bring_up, count, figures, keep, key, kinds_of, lab, until

import state

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
LOST = sys.argv[2:] or ["postmaster", "host", "cable"]
N_WRITERS = 4
"So many cases are opened before anything happens."
ENOUGH = 40
BEFORE, AFTER, REPAIRED = 4.0, 5.0, 30.0


def round_of(number, fault, bearer, acknowledged):
    until("a cell in which all is well", lambda: state.table()[1])
    writers = Writers(N_WRITERS, bearer)
    writers.until_more("cases", ENOUGH)
    time.sleep(BEFORE)
    primary = until("a primary", state.primary)
    FAULTS[fault].take_away(primary)
    until("another primary", lambda: state.primary() not in (None, primary))
    writers.until_more("a write after the loss", len(writers.times()))
    time.sleep(AFTER)
    before = count(writers.acknowledged())
    FAULTS[fault].bring_back(primary)
    time.sleep(AFTER)
    writers.end()
    acknowledged += writers.acknowledged()
    at, gap = writers.times(), writers.longest_without()
    kinds, slowest = kinds_of(writers.vain())
    now = count(acknowledged)
    until("a cell in which all is well", lambda: state.table()[1])
    time.sleep(REPAIRED)
    later = count(acknowledged)
    print(f"{fault} {number}: {primary} away, now {state.primary()}; {len(at)} acknowledged, {gap:.1f} s without; "
          f"in vain {dict(kinds)}, the slowest after {slowest:.1f} s; lost/doubled while away {before}, back {now}, "
          f"30 s after all was well {later}; load {os.getloadavg()[0]:.1f}", flush=True)
    return [before, now, later], gap, kinds


def main():
    bring_up()
    acknowledged, found = [], []
    try:
        bearer = key()
        for fault in LOST:
            begun = len(acknowledged)
            done = [round_of(number + 1, fault, bearer, acknowledged) for number in range(ROUNDS)]
            found += figures_of(fault, done, {"rounds": ROUNDS, "acknowledged": len(acknowledged) - begun})
    finally:
        lab("down")
    return keep("cell", found)


def figures_of(fault, done, n):
    counts = [one for some, _, _ in done for one in some]
    n_lost, n_doubled = max(lost for lost, _ in counts), max(doubled for _, doubled in counts)
    n_other = sum(n for *_, kinds in done for kind, n in kinds.items() if kind not in ("503", "no answer"))
    gap = round(max(gap for _, gap, _ in done), 1)
    lost = f"the primary's {fault} lost"
    rows_of = [
        (f"{lost}: acknowledged cases that are missing", n_lost, "cases", "0", n_lost == 0),
        (f"{lost}: cases opened twice", n_doubled, "cases", "0", n_doubled == 0),
        (f"{lost}: answers that blame us, such as 500", n_other, "answers", "0", n_other == 0),
        (f"{lost}: longest time without a write", gap, "s", None, None),
    ]
    method = f"{N_WRITERS} clients open cases over TLS and the virtual address; counted while it is away, and 30 s after all is well"
    return figures(rows_of, n, method)


if __name__ == "__main__":
    sys.exit(main())
