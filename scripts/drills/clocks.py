"""Sets the clock of one server of a cell two hours ahead while it serves, then back, then two hours behind: it stands aside, nobody is signed out.

Cases are opened meanwhile and somebody who is signed in goes on asking; acknowledged = found, each once. A server that is started with a wrong
clock lets nobody in. Then both servers are two hours behind: a wrong clock is better than none.
Needs root and `scripts/setup lab`. usage: clocks.py
"""

import collections
import pathlib
import sys
import threading
import time

import faults
from people import AWAY, Writers, bring_up, count, figures, keep, key, lab, signed_in, told, until

import hosts
import network
import plan
import state

N_WRITERS, ENOUGH = 4, 40
"How long a clock is wrong, and how long it is right before."
WRONG_S, BEFORE_S, REPAIRED_S = 30.0, 4.0, 30.0
CLOCK = "/etc/clock"


def drop_in():
    "The clock on the wall follows a file; what measures how long something takes doesn't."
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        sys.exit("clocks: libfaketime is missing; `scripts/setup lab` installs it")
    settings = f"LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={CLOCK} FAKETIME_CACHE_DURATION=1 DONT_FAKE_MONOTONIC=1"
    return f"[Service]\nEnvironment={settings}\n"


def set_clock(host, to):
    place = hosts.folder(host) / CLOCK.lstrip("/")
    new = place.with_suffix(".new")
    new.write_text(to)
    new.rename(place)


def give_clock(host):
    "Starts a host again, with a clock for its server that can be set."
    faults.off(host)
    folder = hosts.folder(host) / "etc/systemd/system/epitrace.service.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clock.conf").write_text(drop_in())
    set_clock(host, "+0")
    faults.on(host)
    until("a cell in which all is well", lambda: state.table()[1])


def live(host):
    "What a server says of itself to balancers."
    try:
        _, body = state.ask(host, 8443, "/health/live", "app")
    except AWAY:
        return "away"
    return "aside" if b"aside" in body else "ok" if b"ok" in body else "other"


class Asker(threading.Thread):
    "Somebody who is signed in and goes on asking; says what came."

    def __init__(self, caller):
        super().__init__()
        self.caller, self.ends, self.came = caller, threading.Event(), collections.Counter()

    def run(self):
        while not self.ends.is_set():
            try:
                status, _ = self.caller.call("GET", "/api/v1/session")
            except AWAY:
                status = "no answer"
            self.came[status] += 1
            time.sleep(0.1)

    def end(self):
        self.ends.set()
        self.join()
        return dict(self.came)


def jump(what, caller, bearer, acknowledged, wrong, back):
    """Lets clocks be wrong for a while. `wrong` sets them, and says for whom is waited until they stand aside; `back` sets them right."""
    writers, asker = Writers(N_WRITERS, bearer), Asker(caller)
    asker.start()
    writers.until_more("cases", ENOUGH)
    time.sleep(BEFORE_S)
    jumped = time.monotonic()
    aside = wrong()
    for host in aside:
        until(f"{host} to stand aside", lambda host=host: live(host) == "aside")
    after = time.monotonic() - jumped
    time.sleep(max(0.0, WRONG_S - after))
    n_meanwhile = sum(at > jumped + WRONG_S / 2 for at in writers.times())
    back()
    right = time.monotonic()
    for host in plan.of("app"):
        until(f"{host} to serve", lambda host=host: live(host) == "ok")
    returned = time.monotonic() - right
    until("a cell in which all is well", lambda: state.table()[1])
    came = asker.end()
    writers.end()
    acknowledged += writers.acknowledged()
    time.sleep(REPAIRED_S)
    lost, doubled = count(acknowledged)
    gap, n = writers.longest_without(), len(writers.times())
    n_out = came.get(401, 0) + came.get(403, 0)
    print(f"{what}: {', '.join(aside) or 'nobody'} aside after {after:.1f} s, all served {returned:.1f} s after it was right; {n} acknowledged, "
          f"{n_meanwhile} of them meanwhile, {gap:.1f} s without; who was signed in was told {came}; lost/doubled {lost}/{doubled}", flush=True)
    rows = [
        (f"{what}: acknowledged cases that are missing, or opened twice", lost + doubled, "cases", "0", lost + doubled == 0),
        (f"{what}: answers that took a session for over", n_out, "answers", "0", n_out == 0),
        (f"{what}: acknowledged meanwhile", n_meanwhile, "cases", "> 0", n_meanwhile > 0),
        (f"{what}: longest time without a write", round(gap, 1), "s", None, None),
    ]
    if aside:
        rows.append((f"{what}: time until it stood aside", round(after, 1), "s", None, None))
    method = f"libfaketime sets the clock of the server alone; {N_WRITERS} clients open cases; wrong for {WRONG_S:.0f} s"
    return figures(rows, {"acknowledged": n, "asked": sum(came.values())}, method)


def main():
    bring_up()
    acknowledged, found = [], []
    try:
        first, second = plan.of("app")
        for host in (first, second):
            give_clock(host)
        caller = signed_in()
        bearer = key(caller)

        def sets(to, *which, aside=True):
            def wrong():
                for host in which:
                    set_clock(host, to)
                return which if aside else ()
            return wrong

        def right():
            for host in (first, second):
                set_clock(host, "+0")

        def starts_wrong():
            set_clock(first, "+10d")
            network.tell(first, "kill", "epitrace")
            return (first,)

        found += jump("a server's clock two hours ahead", caller, bearer, acknowledged, sets("+2h", first), right)
        found += jump("a server's clock two hours behind", caller, bearer, acknowledged, sets("-2h", second), right)
        found += jump("a server that starts ten days ahead", caller, bearer, acknowledged, starts_wrong, right)
        found += jump("both servers' clocks two hours behind", caller, bearer, acknowledged, sets("-2h", first, second, aside=False), right)
    finally:
        lab("down")
    return keep("clocks", found)


sys.exit(told(main))
