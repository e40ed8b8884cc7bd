"""Brings a cell up, as an operator would: hosts, database, brokers, servers, and a first look at whether it works."""

import concurrent.futures
import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import time

import hosts
import network
import plan
import state
from made import Made

KAFKA_ID = "ZXBpdHJhY2UtbGFiLWNlbA"
PACKAGES = {"etcd": "etcd-server", "haproxy": "haproxy", "keepalived": "keepalived", "java": "default-jre-headless",
            "ip": "iproute2", "nsenter": "util-linux", "openssl": "openssl", "psql": "postgresql-client",
            "pgbackrest": "pgbackrest"}
N_NODES = 6
PGBACKREST = ["pgbackrest", "--stanza=epitrace"]
EPITRACE = ["/usr/local/bin/epitrace"]
PLACES = ["--data", "/var/lib/epitrace", "--config", "/etc/epitrace/epitrace.toml"]


class LabError(Exception):
    "What went wrong, as a sentence, and what to do."

    def __init__(self, sentence, hint=""):
        super().__init__(sentence)
        self.hint = hint


@dataclasses.dataclass
class Tools:
    program: pathlib.Path
    jars: pathlib.Path
    patroni: pathlib.Path


def tools(program=None):
    "Finds what a lab needs, or says what is missing."
    where = "/usr/sbin:/usr/bin:/sbin:/bin"
    missing = sorted(package for name, package in PACKAGES.items() if not shutil.which(name, path=where))
    if not pathlib.Path("/usr/lib/postgresql/15/bin/postgres").exists():
        missing.append("postgresql-15")
    if missing:
        raise LabError(f"missing: {', '.join(missing)}", "scripts/setup lab installs them")
    patroni = plan.LAB / "patroni"
    if not (patroni / "requirements.txt").exists():
        raise LabError(f"there is no Patroni in {patroni}", "scripts/setup lab brings it")
    version = re.search(r"<kafka.version>([^<]+)", (plan.ROOT / "xtask/kafka/pom.xml").read_text())[1]
    jars = plan.TARGET / "kafka" / version
    if not jars.exists():
        raise LabError(f"there is no Apache Kafka in {jars}", "scripts/setup lab brings it")
    built = [path for path in (plan.TARGET / kind / "epitrace" for kind in ("release", "debug")) if path.exists()]
    if program is None and not built:
        raise LabError("epitrace isn't built", "cargo build --release -p epitrace, or name one with --program")
    program = pathlib.Path(program).resolve() if program else max(built, key=lambda path: path.stat().st_mtime)
    if not program.is_file():
        raise LabError(f"there is no program {program}")
    return Tools(program, jars.resolve(), patroni.resolve())


def remember(found):
    (plan.CELL / "tools.json").write_text(json.dumps({key: str(value) for key, value in vars(found).items()}))


def remembered():
    try:
        paths = json.loads((plan.CELL / "tools.json").read_text())
        return Tools(**{key: pathlib.Path(value) for key, value in paths.items()})
    except OSError:
        raise LabError("the lab is not up", "scripts/lab up") from None


class Steps:
    "Says what is done, and when."

    def __init__(self, seconds):
        self.begun, self.until = time.monotonic(), time.monotonic() + seconds

    def seconds(self):
        return time.monotonic() - self.begun

    def say(self, text):
        print(f"{self.seconds():6.1f} s  {text}", flush=True)

    def wait(self, what, look, *, at=(), each=0.2):
        "Waits until `look` gives something. Else says what the hosts said that it is about."
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > self.until:
                raise LabError(f"{what} didn't come in time", "\n".join(last_words(host) for host in at))
            time.sleep(each)


def last_words(host, n=6):
    "What each unit of a host said last."
    logs = sorted((hosts.folder(host) / "var/log").glob("*.log"))
    said = {path.relative_to(plan.CELL / "hosts"): path.read_text(errors="replace").splitlines()[-n:] for path in logs}
    return "\n".join(f"{name}:\n" + "\n".join(lines) for name, lines in said.items() if lines)


def must(host, words, user="root", stdin="", seconds=60):
    "Runs a command that must succeed, and returns what it said."
    done = network.run(host, words, user, seconds, stdin)
    if done.returncode != 0:
        raise LabError(f"on {host}, `{' '.join(map(str, words))}` failed", (done.stdout + done.stderr).strip()[-2000:])
    return done.stdout


def epitrace(host, *words, **more):
    "Runs epitrace on a host as its operator would."
    return must(host, [*EPITRACE, *words, *PLACES], "epitrace", **more)


def up(found, seconds, between_ms=None):
    "All of it, within so many seconds; stretched over sites if it takes milliseconds between them."
    steps = Steps(seconds)
    plan.CELL.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0711", plan.PREFIX + "cell", plan.CELL], check=True)
    remember(found)
    made = Made(plan.CELL / "made")
    made.make()
    network.begin_links(between_ms)
    for host in plan.HOSTS:
        hosts.make(host, made)
        hosts.on(host, units_at_once(host), found)
    steps.wait("a host", lambda: all(map(hosts.is_on, plan.HOSTS)), at=plan.HOSTS, each=0.05)
    steps.say(f"{len(plan.HOSTS)} hosts are on")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        user = ["--add-scram", f"SCRAM-SHA-512=[name=epitrace,password={made.password('kafka')}]"]
        brokers = [pool.submit(begin_broker, host, user) for host in plan.of("kafka")]
        begin_database(steps, made)
        for broker in brokers:
            broker.result()
    # Whoever finds no broker waits longer with each try, so brokers come first here.
    steps.wait("the brokers", lambda: all("leads" in state.broker(host) for host in plan.of("kafka")), at=plan.of("kafka"))
    steps.say("brokers have a leader")
    for host in plan.of("app"):
        for unit in ("epitrace", "epitrace-consume"):
            network.tell(host, "start", unit)
    apps = plan.of("app")
    steps.wait("a server", lambda: all(state.server(host) == "ready" for host in apps), at=[*apps, *plan.of("kafka")])
    steps.say("servers are ready")
    steps.wait("the way to the servers", lambda: state.page() == 200, at=plan.of("lb"))
    page = steps.wait("the page", lambda: state.page("/"), at=[*plan.of("lb"), *apps])
    without = "" if page == 200 else f" with {page}: is it built without its page?"
    steps.say(f"https://{plan.PAGE}/ answers, its certificate checked{without}")
    first_run(steps)
    steps.wait("a cell in which all is well", lambda: state.table()[1], at=[*plan.of("db"), *plan.of("lb")])
    steps.say("the cell is up")


def units_at_once(host):
    "Units that need nothing that an operator does first."
    if plan.role(host) in ("kafka", "app"):
        return []
    return plan.at_once(host)


def join(host):
    "Puts a host there that joins, with all that an operator puts on its disk; nothing runs on it yet."
    found, made = remembered(), state.made()
    made.sign(host)
    network.join(host)
    hosts.make(host, made)
    hosts.on(host, [], found)


def begin_broker(host, user=()):
    "Prepares the folder of a broker, once, and starts it. Those of the beginning are told of Epitrace's user."
    must(host, ["install", "-d", "-o", "kafka", "-g", "kafka", "/var/lib/kafka"])
    words = ["env", "KAFKA_HEAP_OPTS=-XX:+UseSerialGC -XX:TieredStopAtLevel=1", "/opt/kafka/bin/kafka-storage.sh", "format",
             "--cluster-id", KAFKA_ID, "--config", "/etc/kafka/server.properties", *user]
    must(host, words, "kafka")
    network.tell(host, "start", "kafka")


def begin_database(steps, made):
    databases = plan.of("db")
    primary = steps.wait("a primary", state.primary, at=databases)
    steps.say(f"{primary} is primary")
    steps.wait("a synchronous standby", state.standbys, at=databases)
    variables = "".join(f"\\set {role} '{made.password(role)}'\n" for role in ("migrator", "app", "jobs", "intake"))
    # Through a pipe and not as an argument, which every process of the host could read.
    must(primary, ["psql", "--quiet", "--no-psqlrc"], "postgres", stdin=variables + "\\i /etc/patroni/epitrace.sql\n")
    steps.wait("the virtual address", lambda: len(state.holders()) == 1, at=plan.of("lb"))
    steps.wait("the way to the primary", lambda: reaches_primary("app-1"), at=plan.of("lb"))
    steps.say("the database is reached over the virtual address")
    # A primary that already sends its log there holds the lock for moments.
    steps.wait("the repository of backups", lambda: network.run("backup-1", [*PGBACKREST, "stanza-create"], "postgres").returncode == 0,
               at=["backup-1"])
    steps.say("the repository knows the database")
    must("app-1", ["install", "-d", "-o", "epitrace", "-g", "epitrace", "/var/lib/epitrace"])
    steps.wait("a keyring with its mirror", lambda: all(state.keyring(host) == "keyring, mirror there" for host in plan.of("keys")),
               at=plan.of("keys"))
    steps.say("the keyring and its mirror hold the same")
    epitrace("app-1", "migrate")
    epitrace("app-1", "admin", "create-authority", "ma", "--name", "Mannheim", "--disease", "covid-19")
    epitrace("app-1", "admin", "create-account", "olga", "--role", "operator")
    epitrace("app-1", "admin", "create-account", "kim", "--role", "administrator")
    steps.say("migrated, with an authority and two accounts")


def reaches_primary(host):
    proof = "sslmode=verify-full sslrootcert=/etc/epitrace/database-authority.pem"
    url = f"host={plan.DATABASE} dbname=epitrace user=epitrace_app {proof} connect_timeout=2"
    sql = "select not pg_is_in_recovery()"
    return network.run(host, ["psql", "--no-psqlrc", "-Atc", sql, url], "epitrace").stdout.strip() == "t"


def first_run(steps):
    "A run with some nodes: what they report goes through the brokers into the database."
    asked = ["--safe", str(N_NODES - 1), "--infected", "1", "--second", "100ms"]
    run = json.loads(epitrace("app-1", "runs", "new", *asked, "--account", "kim", "--json"))["run_id"]

    def is_stored():
        shown = json.loads(epitrace("app-2", "runs", "show", run, "--account", "kim", "--json"))
        return (shown.get("statistics") or {}).get("total") == N_NODES

    steps.wait("what nodes report", is_stored, at=[*plan.of("app"), *plan.of("kafka")], each=0.5)
    epitrace("app-1", "runs", "stop", run, "--account", "kim")
    steps.say(f"a run of {N_NODES} nodes is stored")


def down():
    "Takes away all that belongs to this lab, however much of it is there. Says how much it was."
    n_found = 0
    # What somebody who was killed had begun may come about meanwhile, so it is looked for again.
    while found := network.spaces() + [plan.CELL] * plan.CELL.is_mount():
        n_found += len(found)
        sweep()
    if plan.CELL.exists():
        shutil.rmtree(plan.CELL)
    return n_found


def sweep():
    spaces = network.spaces()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        left = [pid for some in pool.map(network.kill_all, spaces) for pid in some]
    if left:
        raise LabError(f"processes that don't end: {' '.join(map(str, left))}")
    for name in spaces:
        network.ip("netns", "del", name, check=False)
    if plan.CELL.is_mount():
        # Whoever still looks into it keeps what he has open.
        subprocess.run(["umount", "--lazy", plan.CELL], check=True)
