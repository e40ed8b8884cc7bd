"""Stops both standbys of a cell while cases are opened, and cancels the commits that wait, as an administrator could: nobody is told yes.

Then the standbys come back, everybody's next try under the same ids finds out, and it is counted.
Needs root and `scripts/setup lab`. usage: sure.py [ROUNDS]
"""

import os
import sys
import time

from people import Writers, bring_up, count, figures, keep, key, kinds_of, lab, until

import hosts
import network
import plan
import state
import up

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
"Each writer sends one case until it is told yes, so there are as many commits to cancel as writers."
N_WRITERS, ENOUGH = 10, 40
N_CANCELLED = N_WRITERS
CANCEL = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep' and usename = 'epitrace_app'"
"How long everybody goes on asking while no standby has what was cancelled."
STILL_AWAY = 15.0
REPAIRED = 30.0


def round_of(number, bearer, acknowledged):
    until("a cell in which all is well", lambda: state.table()[1])
    writers = Writers(N_WRITERS, bearer)
    writers.until_more("cases", ENOUGH)
    primary = until("a primary", state.primary)
    standbys = [host for host in plan.of("db") if host != primary]
    for host in standbys:
        hosts.off(host)
    # What had a standby's word before is rightly said yes to, also a moment later.
    time.sleep(3.0)
    alone, n_cancelled, begun = time.monotonic(), 0, time.time()
    while n_cancelled < N_CANCELLED:
        n_cancelled += len(on(primary, CANCEL))
        if time.time() - begun > 90:
            sys.exit(f"only {n_cancelled} commits waited to be cancelled")
    time.sleep(STILL_AWAY)
    until_now = time.monotonic()
    n_unsure = sum(alone < at < until_now for at in writers.times())
    kinds, slowest = kinds_of(writers.vain())
    for host in standbys:
        hosts.on(host, plan.at_once(host), up.remembered())
    writers.until_more("a write with a standby", len(writers.times()) + N_WRITERS)
    writers.end()
    acknowledged += writers.acknowledged()
    now = count(acknowledged)
    until("a cell in which all is well", lambda: state.table()[1])
    time.sleep(REPAIRED)
    later = count(acknowledged)
    print(f"{number}: {', '.join(standbys)} off for {until_now - alone:.0f} s, {n_cancelled} waiting commits cancelled: {n_unsure} told yes meanwhile; "
          f"in vain {dict(kinds)}, the slowest after {slowest:.1f} s; lost/doubled back {now}, 30 s after all was well {later}; "
          f"load {os.getloadavg()[0]:.1f}", flush=True)
    return n_unsure, n_cancelled, [now, later], kinds


def on(host, sql):
    done = network.run(host, ["psql", "--no-psqlrc", "-At", "epitrace", "-c", sql], "postgres")
    return [line for line in done.stdout.splitlines() if line == "t"]


def main():
    bring_up()
    acknowledged = []
    try:
        bearer = key()
        done = [round_of(number + 1, bearer, acknowledged) for number in range(ROUNDS)]
    finally:
        lab("down")
    n_unsure, n_cancelled = sum(one[0] for one in done), sum(one[1] for one in done)
    counts = [pair for _, _, pairs, _ in done for pair in pairs]
    n_lost, n_doubled = max(lost for lost, _ in counts), max(doubled for _, doubled in counts)
    n_other = sum(n for *_, kinds in done for kind, n in kinds.items() if kind not in ("503", "no answer"))
    rows_of = [
        ("both standbys away, waiting commits cancelled: told yes", n_unsure, "cases", "0", n_unsure == 0),
        ("both standbys away: acknowledged cases that are missing", n_lost, "cases", "0", n_lost == 0),
        ("both standbys away: cases opened twice", n_doubled, "cases", "0", n_doubled == 0),
        ("both standbys away: answers that blame us, such as 500", n_other, "answers", "0", n_other == 0),
    ]
    method = f"{N_WRITERS} clients open cases; an administrator cancels each commit that waits for a standby"
    n = {"rounds": ROUNDS, "acknowledged": len(acknowledged), "cancelled": n_cancelled}
    return keep("sure", figures(rows_of, n, method))


if __name__ == "__main__":
    sys.exit(main())
