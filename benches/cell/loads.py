"""Guests and case workers at the client's host, and what is there of what they were told."""

import json
import re
import shutil
import subprocess
import threading
import time
import uuid

from people import Caller, accepted, count, key, rows_at, signed_in, until

import hosts
import network
import plan
import state

SHORT_CODE = "ma"
PROGRAM = "/usr/local/bin/bench-cell"
"Telephones come from so many addresses, as they do: from one address a server takes only so many at a venue."
FROM, N_FROM = "192.0.2.100", 128


def lay(program):
    "Puts the program of guests on the hosts that need it, and gives the client's host its addresses."
    for host in ("client", "alone"):
        place = hosts.folder(host) / "local/bin/bench-cell"
        shutil.copy2(program, place)
        place.chmod(0o755)
    first, last = FROM.rsplit(".", 1)
    network.batch(plan.namespace("client"), [f"addr add {first}.{int(last) + n}/24 dev eth0" for n in range(N_FROM)])


class Side:
    "The cell, or one server alone: where guests come to, at which venues, and who opens cases."

    def __init__(self, name, address, host, n_venues):
        self.name, self.address, self.host = name, address, host
        self.ids = hosts.folder("client") / "tmp" / name
        self.ids.mkdir()
        admin = signed_in(host, address)
        self.bearer = key(admin)
        self.venues = self._venues(admin, n_venues)

    def _venues(self, admin, n_venues):
        "Registers venues as their owner does: by a mailed link, which is read where the authority sees its mails."
        venue = {"venue_name": "Café", "kind": "cafe",
                 "address": {"street": "Weg", "house_number": "1", "postcode": "68161", "city": "Mannheim"}}
        asked = {"authority": SHORT_CODE, "language": "en", "email": "rosa@example.org", "name": "Rosa", "phone": None, "venue": venue}
        stranger = Caller(address=self.address)
        stranger.must("POST", "/api/v1/venue-registrations", asked)
        mails = admin.must("GET", "/api/v1/messages?kind=venue_registration")["items"]
        text = admin.must("GET", f"/api/v1/messages/{mails[0]['message_id']}")["content"]["text"]
        secret = re.search(r"/venues/confirm#([\w-]+)", text)[1]
        taken = stranger.must("POST", "/api/v1/venue-links", {"authority": SHORT_CODE, "secret": secret})
        owner = accepted(taken["invitation"], self.address)
        made = [owner.must("POST", "/api/v1/own-venues", venue) for _ in range(n_venues)]
        return [one["venue"]["venue_id"] for one in made]

    def load(self, seconds, telephones=None, workers=None):
        return Load(self, seconds, telephones or {"n": 0}, workers or {"n": 0})

    def acknowledged(self, kind):
        "Ids of what was acknowledged."
        path = self.ids / kind
        held = path.read_bytes() if path.exists() else b""
        return [str(uuid.UUID(bytes=held[at:at + 16])) for at in range(0, len(held), 16)]

    def count_cases(self):
        "How many acknowledged cases there are, how many of them are missing, and how many were opened twice."
        ids = self.acknowledged("cases")
        look = {"look": lambda sql: rows_at(self.host, sql)} if self.host == "alone" else {}
        return {"acknowledged": len(ids), **dict(zip(("missing", "doubled"), count(ids, **look)))}

    def count_check_ins(self):
        "The same of check-ins, by their lists. Nobody checks in afterwards."
        made, at = state.made(), "client"
        place, proof = plan.DATABASE, "?sslmode=verify-full&sslrootcert=/etc/lab/database-authority.pem"
        ids = f"/tmp/{self.name}/check-ins"
        if self.host == "alone":
            place, proof, at, ids = "127.0.0.1", "", "alone", "/tmp/check-ins"
            shutil.copy2(self.ids / "check-ins", hosts.folder("alone") / "tmp/check-ins")

        def url(role):
            return f"postgres://epitrace_{role}:{made.password(role)}@{place}:5432/epitrace{proof}"

        job = {"url": url("app"), "jobs_url": url("jobs"), "intake_url": url("intake"), "short_code": SHORT_CODE,
               "venues": self.venues, "ids": ids}
        done = network.run(at, [PROGRAM, "count"], seconds=900, stdin=json.dumps(job) + "\n")
        if done.returncode != 0:
            raise OSError(f"check-ins can't be counted: {done.stderr}")
        return json.loads(done.stdout)


class Load(threading.Thread):
    "Guests and case workers who come for a while. It ends by itself, or by word, or with whoever started it."

    def __init__(self, side, seconds, telephones, workers):
        super().__init__(daemon=True)
        job = {"address": f"{side.address}:443", "name": plan.PAGE, "authority": "/etc/ssl/certs/ca-certificates.crt",
               "from": [FROM, N_FROM], "seconds": seconds, "telephones": telephones, "workers": workers,
               "short_code": SHORT_CODE, "venues": side.venues, "bearer": side.bearer, "ids": f"/tmp/{side.name}"}
        self.n, self.told, self.cpu_s = [0, 0], None, 0.0
        self.process = subprocess.Popen(network.command("client", [PROGRAM, "load"]), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        self.start()

    def run(self):
        for line in self.process.stdout:
            said = json.loads(line)
            if "done" in said:
                self.told, self.cpu_s = said["done"], said["cpu_s"]
            else:
                self.n = said["n"]

    def stop(self):
        "Says that it is enough, and waits. Returns what came of it."
        self.process.stdin.close()
        return self.wait()

    def wait(self):
        code = self.process.wait()
        self.join()
        if code != 0 or self.told is None:
            raise OSError(f"the guests ended with {code}")
        return self.told

    def goes_on(self):
        "Waits until both kinds of write are acknowledged again, of those that are sent."
        before = list(self.n)
        until("a write of each kind", lambda: all(now > then for now, then in zip(self.n, before)))


class Lag(threading.Thread):
    "Asks the primary again and again how far its standbys are behind, over one connection."

    SQL = """select coalesce(extract(epoch from replay_lag) * 1000, 0), pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)
        from pg_stat_replication where state = 'streaming' and application_name like 'db-%';\n\\echo done\n"""

    def __init__(self):
        super().__init__(daemon=True)
        words = ["psql", "--no-psqlrc", "--quiet", "-At", "-F", " ", "epitrace"]
        primary = until("a primary", state.primary)
        self.psql = subprocess.Popen(network.command(primary, words, "postgres"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.is_over, self.ms, self.bytes = threading.Event(), [], []
        self.start()

    def run(self):
        while not self.is_over.is_set():
            self.psql.stdin.write(self.SQL)
            self.psql.stdin.flush()
            for line in self.psql.stdout:
                if line == "done\n":
                    break
                ms, behind = line.split()
                self.ms.append(float(ms))
                self.bytes.append(float(behind))
            time.sleep(0.1)

    def stop(self):
        self.is_over.set()
        self.join()
        self.psql.stdin.close()
        self.psql.wait()
