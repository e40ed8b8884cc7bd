"""Puts a cell back to a minute, from its repository, onto database hosts that are new, as the operator's book says.

While cases are opened: a backup, then the minute; after it a person is erased and the key of a day is destroyed. Then all
three database hosts are lost. One server is left running by mistake, another is started too early: neither may show anything.
After the replay: what was acknowledged up to the minute is there, each once; who was erased and what was destroyed can't be read;
nobody is signed in any more; mail waits for an operator. Needs root and `scripts/setup lab`. usage: restore.py
"""

import datetime
import json
import os
import sys
import threading
import time

from people import AWAY, Caller, Writer, bring_up, count, figures, keep, key, lab, new_id, rows, signed_in, told, until

import hosts
import network
import plan
import state
import up

N_WRITERS = 4
"So many cases are opened before the minute, and after it."
ENOUGH = 100
REPAIRED = 30.0
SIGNED_IN = "/api/v1/session"


def say(text):
    print(text, flush=True)


def clock(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc)


def upload_days(host):
    "Days of uploads whose keys lie on a host of the keyring."
    return json.loads((hosts.folder(host) / "var/lib/epitrace/keyring/upload-keys.json").read_text())["days"]


def log_of(host, unit):
    return (hosts.folder(host) / f"var/log/{unit}.log").read_text(errors="replace")


def stop(host, *units):
    for unit in units:
        lab("stop", host, unit)
    until("the end of what runs", lambda: all(network.unit_state(host, unit) == "stopped" for unit in units))


class Load:
    "People who open cases until told to end."

    def __init__(self, bearer):
        self.stop = threading.Event()
        self.writers = [Writer(bearer, self.stop) for _ in range(N_WRITERS)]
        for writer in self.writers:
            writer.start()

    def n(self):
        wrong = [writer.wrong for writer in self.writers if writer.wrong]
        if wrong:
            sys.exit(f"an answer that nobody should get: {wrong[0]}")
        return sum(len(writer.acknowledged) for writer in self.writers)

    def end(self):
        "Returns cases with when they were asked for and acknowledged."
        self.n()
        self.stop.set()
        for writer in self.writers:
            writer.join()
        return [(case, *span) for writer in self.writers for case, span in zip(writer.acknowledged, writer.spans)]


class Private:
    "What must stay unreadable: a person who will be erased, and visitors whose key will be destroyed."

    def __init__(self, staff):
        self.person, self.occasion = new_id(), new_id()
        details = {"first_name": "Vera", "last_name": "Vanishing", "tested": time.strftime("%Y-%m-%d")}
        staff.must("POST", "/api/v1/cases", {"case_id": new_id(), "person_id": self.person, "person_is_known": False,
                                             "case_type": "index", "details": details})
        around = {name: clock(time.time() - ago).isoformat() for name, ago in (("from", 7200), ("until", 3600))}
        occasion = {"occasion_id": self.occasion, "title": "Concert", "place": "Town hall", **around}
        code = staff.must("POST", "/api/v1/occasions", occasion)["occasion"]["code"]
        names = ("Adler", "Brandt", "Conrad")
        visitors = [{"visitor_id": new_id(), "last_name": name, "phone": "+49 621 12345"} for name in names]
        Caller().must("POST", "/api/v1/handed-visitors", {"authority": "MA", "code": code, "visitors": visitors})

    def readable(self, staff):
        "How many persons and how many visitors can be read."
        status, _ = staff.call("GET", f"/api/v1/persons/{self.person}")
        _, lists = staff.call("POST", f"/api/v1/occasions/{self.occasion}/lists", {"reason": "own_outbreak"})
        return int(status == 200), len((lists or {}).get("items") or [])

    def stored(self):
        "How many rows there are of both."
        persons = rows(f"select count(*) from person where person_id = '{self.person}'")
        visitors = rows(f"select count(*) from occasion_visitor where occasion_id = '{self.occasion}'")
        return int(persons[0]), int(visitors[0])

    def end(self, staff):
        "Erases the person, and lets the day of the visitors be over, so that the next server that starts destroys its key."
        staff.must("POST", f"/api/v1/persons/{self.person}/erasure", {"reason": "request"})
        rows("update upload_day set ends_at = now()")
        stop("app-1", "epitrace")
        lab("start", "app-1", "epitrace")
        until("the end of a key", lambda: not any(upload_days(host) for host in plan.of("keys")))


def until_archived():
    "Waits until what was written up to now is in the repository. Returns seconds."
    begun = time.monotonic()
    segment = rows("select pg_walfile_name(pg_current_wal_lsn())")[0]

    def is_there():
        last = rows("select last_archived_wal from pg_stat_archiver")
        return last and last[0][:24] >= segment

    until("the last minute in the repository", is_there)
    return time.monotonic() - begun


def put_back(moment):
    "Makes the database on new hosts, as of a moment, and returns seconds until it takes writes."
    begun = time.monotonic()
    lab("renew", *plan.of("db"))
    for host in plan.of("db"):
        for unit in ("etcd", "pgbackrest"):
            lab("start", host, unit)
    first = plan.of("db")[0]
    up.must(first, ["install", "-d", "-o", "postgres", "-g", "postgres", "/var/lib/postgresql"])
    up.must(first, ["tee", "/var/lib/postgresql/restore-to"], "postgres", stdin=f"{clock(moment):%F %T.%f}+00\n")
    up.must(first, ["sed", "-i", "s/^  # method: restore/  method: restore/", "/etc/patroni/patroni.yml"])
    until("etcd", lambda: state.etcd(first) == "healthy")
    lab("start", first, "patroni")
    until("the database as of that moment", lambda: state.primary() == first)
    for host in plan.of("db")[1:]:
        lab("start", host, "patroni")
    until("two standbys", lambda: len(state.standbys()) == 2)
    until("a way to the database", lambda: up.reaches_primary("app-1"))
    return time.monotonic() - begun


def refusals():
    "A server that was left running and one that is started too early refuse. Returns how many answers they gave meanwhile."
    until("the end of the server that runs", lambda: "ending at once" in log_of("app-2", "epitrace"))
    before = log_of("app-1", "epitrace").count("restore --replay")
    lab("start", "app-1", "epitrace")
    until("a refusal", lambda: log_of("app-1", "epitrace").count("restore --replay") > before + 1)
    until("another refusal", lambda: "restore --replay" in log_of("app-2", "epitrace"))
    n_ready = sum(state.server(host) == "ready" for host in plan.of("app"))
    for host in plan.of("app"):
        stop(host, *plan.at_once(host))
    return n_ready


def still_good(callers):
    "How many of those who were signed in, or had a key, are still known."
    n = 0
    for caller in callers:
        caller.line = None
        n += caller.call("GET", SIGNED_IN)[0] == 200
    return n


def answers(caller):
    try:
        return caller.call("GET", SIGNED_IN)[0]
    except AWAY:
        return None


def drill():
    staff = signed_in()
    bearer = key(staff)
    lab("start", "backup-1", "pgbackrest-full")
    until("a full backup", lambda: network.unit_state("backup-1", "pgbackrest-full") == "done")
    load = Load(bearer)
    private = Private(staff)
    up.epitrace("app-1", "messages", "test", "olga@example.org", "--account", "olga")
    until("cases", lambda: load.n() >= ENOUGH)
    if private.readable(staff) != (1, 3):
        sys.exit(f"readable before: {private.readable(staff)}")
    moment, n_before = time.time(), load.n()
    say(f"{clock(moment):%F %T}: the minute; {n_before} cases are acknowledged")
    private.end(staff)
    until("more cases", lambda: load.n() >= n_before + ENOUGH)
    opened = load.end()
    if private.readable(staff) != (0, 0):
        sys.exit(f"readable after they were ended: {private.readable(staff)}")
    archived_s = until_archived()
    say(f"{len(opened)} cases; the last is in the repository after {archived_s:.1f} s; all database hosts are lost now")

    # app-2 is forgotten: it runs on.
    stop("app-1", *plan.at_once("app-1"))
    restored_s = put_back(moment)
    stored = private.stored()
    if stored != (1, 3):
        sys.exit(f"what was put back is not of that moment: {stored}")
    n_ready = refusals()
    say(f"put back in {restored_s:.1f} s, who was erased among it; servers that would show that: {n_ready}")

    replayed = json.loads(up.epitrace("app-1", "restore", "--replay", "--json"))
    for host in plan.of("app"):
        for unit in plan.at_once(host):
            lab("start", host, unit)
    until("servers", lambda: all(state.server(host) == "ready" for host in plan.of("app")))
    until("a page", lambda: answers(Caller()) == 401)
    n_good = still_good([staff, Caller({"authorization": f"Bearer {bearer}"})])
    say(f"replayed: {replayed}")
    up.epitrace("app-1", "admin", "activate", "ma")
    staff = signed_in()
    readable = private.readable(staff)
    n_visitors = private.stored()[1]
    held = rows("select count(*) from message where status = 'held'"), rows("select count(*) from message where status <> 'held'")
    released = up.epitrace("app-1", "messages", "release", "--account", "olga").strip()
    say(f"readable: {readable[0]} persons, {readable[1]} of {n_visitors} visitors; mail: {released}")

    load = Load(key(staff))
    until("cases after it", lambda: load.n() >= ENOUGH)
    since = [case for case, *_ in load.end()]
    lab("start", "backup-1", "pgbackrest-full")
    until("a backup of the new history", lambda: network.unit_state("backup-1", "pgbackrest-full") == "done")
    until("a cell in which all is well", lambda: state.table()[1])
    time.sleep(REPAIRED)
    up_to = [case for case, _, acknowledged in opened if acknowledged <= moment]
    after = [case for case, asked, _ in opened if asked > moment]
    lost, doubled = count([*up_to, *since])
    there = set(rows("select case_id from outbreak_case"))
    say(f"{len(up_to)} acknowledged up to the minute and {len(since)} since: {lost} missing, {doubled} twice; of {len(after)} asked for "
        f"after it {len(there & set(after))} are there; load {os.getloadavg()[0]:.1f}")
    return figures_of({
        "lost": lost, "doubled": doubled, "after": len(there & set(after)), "ready": n_ready, "readable": sum(readable), "good": n_good,
        "not_held": int(held[1][0]) + abs(int(held[0][0]) - 1), "archived_s": archived_s, "restored_s": restored_s,
    }, {"up_to": len(up_to), "after": len(after), "since": len(since)})


def figures_of(found, n):
    rows_of = [
        ("restore: cases acknowledged up to the minute, or since, that are missing", found["lost"], "cases", "0", found["lost"] == 0),
        ("restore: cases opened twice", found["doubled"], "cases", "0", found["doubled"] == 0),
        ("restore: cases asked for after the minute that are there", found["after"], "cases", "0", found["after"] == 0),
        ("restore: servers that serve before the replay", found["ready"], "servers", "0", found["ready"] == 0),
        ("restore: erased persons and visitors of a destroyed day that can be read", found["readable"], "persons", "0", found["readable"] == 0),
        ("restore: sessions and keys of before that still work", found["good"], "callers", "0", found["good"] == 0),
        ("restore: mails that don't wait for an operator", found["not_held"], "mails", "0", found["not_held"] == 0),
        ("restore: seconds until what was written is in the repository", round(found["archived_s"], 1), "s", None, None),
        ("restore: seconds from three empty hosts to a database that takes writes", round(found["restored_s"], 1), "s", None, None),
    ]
    method = f"{N_WRITERS} clients open cases over TLS and the virtual address; PostgreSQL from pgBackRest's repository by Patroni; counted 30 s after"
    return figures(rows_of, n, method)


def main():
    bring_up()
    try:
        found = drill()
    finally:
        lab("down")
    return keep("restore", found)


if __name__ == "__main__":
    sys.exit(told(main))
