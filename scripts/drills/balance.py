"""Shares requests out among the servers in each of the five ways, and takes the servers away in turn: who is signed in stays so.

Somebody signs in once, and in each way looks on and others write on while one server is killed and comes back, then the other, then one is
stopped as for a new version. Then both balancers work, each with an address of its own, and one of them goes.
Needs root and `scripts/setup lab`. usage: balance.py [WAY…]
"""

import collections
import os
import socket
import sys
import threading
import time

from people import AWAY, Caller, NO_ANSWER, Writer, bring_up, count, figures, keep, key, lab, signed_in, until

import hosts
import network
import plan
import state
import up

WAYS = sys.argv[1:] or plan.WAYS
N_WRITERS = 3
"How long people go on after each thing that happens."
AFTER = 3.0
"What else is on disk of a balancer stays as it was."
PLACES = {host: plan.CELL / "hosts" / host / "etc" for host in plan.of("lb")}


def share_out(servers, n):
    "Has both balancers share out by a file that names so many servers: read anew without an end of the old process, so nobody is cut off."
    for host in plan.of("lb"):
        (PLACES[host] / "haproxy/servers.cfg").write_text(servers)
        network.run(host, ["/bin/sh", "-c", "kill -USR2 $(cat /run/haproxy/haproxy.pid)"])
    until(f"balancers that know {n} servers", lambda: all(n_well(host) == n for host in plan.of("lb")))


def choose(way):
    share_out((plan.DEPLOY / f"haproxy/servers/{way}.cfg").read_text(), 2)


def n_well(host):
    "How many servers a balancer has that answer, by its own figures."
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(plan.CELL / "hosts" / host / "run/haproxy/admin.sock"))
            asked.sendall(b"show servers state servers\n")
            said = asked.makefile().read()
    except OSError:
        return 0
    # A line of the format's version, a line of names, a line a server: its state stands sixth, and 2 is "running".
    return sum(line.split()[5] == "2" for line in said.splitlines()[2:] if line.strip())


class Reader(threading.Thread):
    "Somebody who signed in, and looks again and again: at who they are, and at the list of cases."

    def __init__(self, caller, stop):
        super().__init__()
        self.caller, self.stop, self.n_well, self.vain = caller, stop, 0, collections.Counter()

    def run(self):
        while not self.stop.is_set():
            for path in ("/api/v1/session", "/api/v1/cases"):
                try:
                    status = self.caller.call("GET", path)[0]
                except AWAY:
                    status = NO_ANSWER
                if status == 200:
                    self.n_well += 1
                else:
                    self.vain[status] += 1
            time.sleep(0.02)


def people(caller, bearer, happens):
    "Has people look and write while something happens. Returns what became of it."
    stop = threading.Event()
    reader, writers = Reader(caller, stop), [Writer(bearer, stop) for _ in range(N_WRITERS)]
    for one in [reader, *writers]:
        one.start()
    time.sleep(AFTER)
    try:
        happens()
        time.sleep(AFTER)
    finally:
        stop.set()
        for one in [reader, *writers]:
            one.join()
    wrong = [writer.wrong for writer in writers if writer.wrong]
    if wrong:
        sys.exit(f"an answer that nobody should get: {wrong[0]}")
    vain = collections.Counter(status for writer in writers for status, _ in writer.vain)
    return reader, [case for writer in writers for case in writer.acknowledged], vain


def all_well():
    return all(state.server(host) == "ready" for host in plan.of("app")) and all(n_well(host) == 2 for host in plan.of("lb"))


def killed(host):
    def happens():
        network.tell(host, "kill", "epitrace")
        until("a balancer that misses it", lambda: any(n_well(balancer) == 1 for balancer in plan.of("lb")) or all_well())
        until("both servers", all_well)
    return happens


def stopped(host):
    def happens():
        network.tell(host, "stop", "epitrace")
        until("a server that ended", lambda: network.unit_state(host, "epitrace") == "stopped")
        network.tell(host, "start", "epitrace")
        until("both servers", all_well)
    return happens


def round_of(way, caller, bearer, acknowledged):
    choose(way)
    found = []
    events = [(f"{host} killed", killed(host)) for host in plan.of("app")] + [("app-1 stopped", stopped("app-1"))]
    for what, happens in events:
        reader, cases, vain = people(caller, bearer, happens)
        acknowledged += cases
        is_signed_in = caller.call("GET", "/api/v1/session")[0] == 200
        print(f"{way}, {what}: {reader.n_well} looks, in vain {dict(reader.vain)}; {len(cases)} cases, in vain {dict(vain)}; "
              f"{'still signed in' if is_signed_in else 'NOT signed in any more'}; load {os.getloadavg()[0]:.1f}", flush=True)
        found.append((what, is_signed_in, reader.vain, vain))
    if way == "cookie":
        says = caller.cookies.get("epitrace_way", "")
        print(f"the cookie says {says!r}")
        if not says or any(word in says for word in ("app", "192", "8443")):
            sys.exit("the cookie gives a server away, or there is none")
    return found


def both_work(first, bearer, acknowledged):
    "Both balancers at work; then one of them goes, and the other has both addresses."
    for host in plan.of("lb"):
        (PLACES[host] / "keepalived/keepalived.conf").write_bytes((plan.DEPLOY / "keepalived/active-active.conf").read_bytes())
        network.tell(host, "stop", "keepalived")
        until("its end", lambda one=host: network.unit_state(one, "keepalived") == "stopped")
        network.tell(host, "start", "keepalived")
    until("an address at each balancer", lambda: holds("lb-1") == {plan.VIRTUAL} and holds("lb-2") == {plan.SECOND})
    second = Caller(address=plan.SECOND)
    second.headers, second.cookies = first.headers, first.cookies
    vain = collections.Counter()
    for caller in (first, second):
        if caller.call("GET", "/api/v1/session")[0] != 200:
            sys.exit(f"not signed in at {caller.address}")

    def happens():
        hosts.off("lb-2")
        until("both addresses at lb-1", lambda: holds("lb-1") == {plan.VIRTUAL, plan.SECOND})

    reader, cases, vain = people(second, bearer, happens)
    acknowledged += cases
    is_signed_in = second.call("GET", "/api/v1/session")[0] == 200
    hosts.on("lb-2", plan.at_once("lb-2"), up.remembered())
    until("its own address at lb-2 again", lambda: holds("lb-2") == {plan.SECOND})
    print(f"both balancers at work, lb-2 off: {reader.n_well} looks, in vain {dict(reader.vain)}; {len(cases)} cases, in vain {dict(vain)}; "
          f"{'still signed in' if is_signed_in else 'NOT signed in any more'}", flush=True)
    return [("lb-2 off", is_signed_in, reader.vain, vain)]


def holds(host):
    "Which of the two addresses a balancer has."
    said = network.ip("-n", plan.namespace(host), "-4", "addr", "show", "eth0", check=False)
    return {address for address in (plan.VIRTUAL, plan.SECOND) if f" {address}/" in said}


def main():
    bring_up()
    acknowledged, found = [], []
    try:
        caller = signed_in()
        bearer = key(caller)
        for way in WAYS:
            found += round_of(way, caller, bearer, acknowledged)
        found += both_work(caller, bearer, acknowledged)
        n_lost, n_doubled = count(acknowledged)
    finally:
        lab("down")
    n_out = sum(not is_signed_in for _, is_signed_in, *_ in found)
    of_stops = [reader for what, _, reader, _ in found if "stopped" in what]
    n_cut = sum(n for vain in of_stops for n in vain.values())
    n_looks = sum(n for _, _, vain, _ in found for n in vain.values())
    rows = [
        ("a server lost in a session: sessions that ended", n_out, "sessions", "0", n_out == 0),
        ("a server lost: acknowledged cases that are missing", n_lost, "cases", "0", n_lost == 0),
        ("a server lost: cases opened twice", n_doubled, "cases", "0", n_doubled == 0),
        ("a server stopped: looks that were refused", n_cut, "looks", "0", n_cut == 0),
        ("a server killed or a balancer off: looks that were refused", n_looks - n_cut, "looks", None, None),
    ]
    method = "one signed-in browser looks all the time, 3 clients open cases, over TLS and the virtual address, in each way of balancing"
    return keep("balance", figures(rows, {"ways": len(WAYS), "acknowledged": len(acknowledged)}, method))


if __name__ == "__main__":
    sys.exit(main())
