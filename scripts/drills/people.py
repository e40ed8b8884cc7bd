"""What drills of a cell share: people who come to it over its address, what the database has, and figures."""

import base64
import collections
import hashlib
import hmac
import json
import os
import pathlib
import re
import secrets
import struct
import subprocess
import sys
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/cell"))

import network
import plan
import state
import up

LAB = ROOT / "scripts/lab"
PROGRAM = os.environ.get("EPITRACE_LAB_PROGRAM")
NO_ANSWER = 0
LONGEST = 120.0
AWAY = (OSError, ValueError, network.http.client.HTTPException)


def lab(*words):
    "Says a word to the lab, which must succeed."
    subprocess.run([LAB, *words], check=True)


def bring_up(*more):
    lab("up", *(["--program", PROGRAM] if PROGRAM else []), *more)


def code(secret):
    "The code that an authenticator app shows now: RFC 6238."
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def new_id():
    "An id of version 7."
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return str(uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | (7 << 76) | (2 << 62)))


class Caller:
    "Somebody at the client's host, who comes over the virtual address, or another one, and keeps cookies as browsers do."

    def __init__(self, headers=None, address=plan.VIRTUAL):
        self.headers, self.line = {"content-type": "application/json", **(headers or {})}, None
        self.address, self.cookies = address, {}

    def call(self, method, path, body=None):
        "Returns status and answer. A line that broke is not used again."
        try:
            if self.line is None:
                authority = state.made().authority("web")
                self.line = network.Https("client", self.address, plan.PAGE, 443, authority, seconds=5.0)
            self.line.request(method, path, None if body is None else json.dumps(body), self.headers)
            answer = self.line.getresponse()
            text = answer.read()
        except AWAY:
            if self.line:
                self.line.close()
            self.line = None
            raise
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        if self.cookies:
            self.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return answer.status, json.loads(text) if text.startswith(b"{") else None

    def must(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        if status not in (200, 201, 202, 204):
            sys.exit(f"{method} {path}: {status} {answer}")
        return answer


def signed_in(host="app-1", address=plan.VIRTUAL):
    "The administrator whom `up` made, signed in by a new link that a host gave."
    return accepted(re.search(r"/invitation#([\w-]+)", up.epitrace(host, "admin", "invite", "kim"))[1], address)


def accepted(token, address=plan.VIRTUAL):
    "Somebody who takes an invitation up, signed in."
    caller = Caller(address=address)
    secret = caller.must("POST", "/api/v1/invitations/open", {"token": token})["totp"]["secret"]
    accepting = {"token": token, "password": "ladder violet uncle brisk", "code": code(secret)}
    caller.headers["x-epitrace-csrf"] = caller.must("POST", "/api/v1/invitations/accept", accepting)["session"]["csrf"]
    return caller


def key(caller=None):
    "A key of the administrator."
    caller = caller or signed_in()
    scopes = caller.must("GET", "/api/v1/session")["scopes"]
    return caller.must("POST", "/api/v1/tokens", {"name": "drill", "scopes": scopes, "days": 1})["token"]


class Writer(threading.Thread):
    "Opens cases one after the other, each again under its ids until it is acknowledged."

    def __init__(self, bearer, stop):
        super().__init__()
        self.caller, self.stop = Caller({"authorization": f"Bearer {bearer}"}), stop
        self.acknowledged, self.times, self.wrong = [], [], None
        "When each was asked for at first and when it was acknowledged, by the clock on the wall."
        self.spans = []
        "What came in the place of an acknowledgement, and how long it took."
        self.vain = []

    def run(self):
        while not self.stop.is_set() and not self.wrong:
            name = "".join(secrets.choice("abcdefgh") for _ in range(8))
            details = {"first_name": "Drill", "last_name": name, "tested": time.strftime("%Y-%m-%d")}
            case = {"case_id": new_id(), "person_id": new_id(), "person_is_known": False, "case_type": "index", "details": details}
            asked = time.time()
            while not self.stop.is_set() and not self.wrong:
                begun = time.monotonic()
                try:
                    status, answer = self.caller.call("POST", "/api/v1/cases", case)
                except AWAY:
                    status, answer = NO_ANSWER, None
                if status == 201:
                    self.acknowledged.append(case["case_id"])
                    self.times.append(time.monotonic())
                    self.spans.append((asked, time.time()))
                    break
                if status not in (NO_ANSWER, 500, 502, 503, 504):
                    self.wrong = f"{status} {answer}"
                self.vain.append((status, time.monotonic() - begun))
                time.sleep(0.1)


class Writers:
    "Several who open cases at once, and what became of it."

    def __init__(self, n, bearer):
        self.stop = threading.Event()
        self.all = [Writer(bearer, self.stop) for _ in range(n)]
        for writer in self.all:
            writer.start()

    def times(self):
        "When each case was acknowledged, the earliest first."
        return sorted(at for writer in self.all for at in list(writer.times))

    def acknowledged(self):
        return [case for writer in self.all for case in list(writer.acknowledged)]

    def vain(self):
        "What came in the place of an acknowledgement, and how long it took."
        return [one for writer in self.all for one in list(writer.vain)]

    def until_more(self, what, than):
        "Waits until more cases are acknowledged, or somebody was told what nobody should be."
        until(what, lambda: len(self.times()) > than or any(writer.wrong for writer in self.all))

    def end(self):
        "Ends them. Whoever was told what nobody should be ends the drill."
        self.stop.set()
        for writer in self.all:
            writer.join()
            if writer.wrong:
                sys.exit(f"an answer that nobody should get: {writer.wrong}")

    def longest_without(self):
        "Seconds between two acknowledgements, at most."
        at = self.times()
        return max(later - earlier for earlier, later in zip(at, at[1:]))


def kinds_of(vain):
    "How many answers of each kind came in vain, and how long the slowest took."
    kinds = collections.Counter("no answer" if status == NO_ANSWER else str(status) for status, _ in vain)
    return kinds, max((seconds for _, seconds in vain), default=0.0)


def told(main):
    "Runs a drill, and says in a sentence why a step of it failed."
    try:
        return main()
    except up.LabError as error:
        sys.exit(f"{error}\n{error.hint}")


def rows(sql):
    "What the primary has, asked there."
    primary = state.primary()
    return None if primary is None else rows_at(primary, sql)


def rows_at(host, sql):
    "What the database of a host has."
    done = network.run(host, ["psql", "--no-psqlrc", "-At", "epitrace", "-c", sql], "postgres")
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else None


def until(what, look):
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        found = look()
        if found is not None and found is not False:
            return found
        time.sleep(0.5)
    state_now = subprocess.run([LAB, "state"], capture_output=True, text=True, check=False).stdout
    sys.exit(f"{what} didn't come within {LONGEST:.0f} s\n{state_now}")


def count(acknowledged, look=rows):
    """How many of the acknowledged are missing, and how many cases were opened twice: each has one record in the audit log.
    `look` asks a database."""
    cases = until("the list of cases", lambda: look("select case_id from outbreak_case"))
    sql = """select count(audit_id) from outbreak_case c left join audit_record r
        on r.authority_id = c.authority_id and r.operation = 'cases.open' and r.subjects = c.person_id::text group by c.case_id"""
    opened = until("the audit log", lambda: look(sql))
    if "0" in opened:
        sys.exit(f"{opened.count('0')} cases were opened without a record")
    return len(set(acknowledged) - set(cases)), sum(int(n) - 1 for n in opened)


def figures(rows_of, n, method):
    "Rows of figure, value, unit, goal and whether it is met, as drills leave them behind."
    names = ("figure", "value", "unit", "goal", "met")
    return [{**dict(zip(names, row)), "peer": None, "ratio": None, "n": n, "method": method} for row in rows_of]


def keep(name, found):
    "Leaves figures behind under the drill's name. Returns the code with which the drill ends."
    out = plan.TARGET / "drill" / f"{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1))
    return 0 if all(figure["met"] in (True, None) for figure in found) else 1
