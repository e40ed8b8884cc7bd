"""One server with its own PostgreSQL, alone on one more host of the lab: what a cell is compared with.

The host has the lab's network, so guests come to both on the same way; the same program, the same certificate, the same settings of
PostgreSQL but for standbys and repository. Whatever takes the lab away takes it away too.
"""

import pathlib

import hosts
import network
import plan
import state
import up

HOST, ADDRESS = "alone", "192.0.2.95"
HERE = pathlib.Path(__file__).resolve().parent / "alone"
DATA = "/var/lib/postgresql/15/alone"
SERVICES = ["alone-postgresql", "alone-epitrace"]
PROGRAMS = "/usr/lib/postgresql/15/bin"


def plan_it():
    "Has `up` make one more host, on which nothing runs yet."
    plan.ADDRESSES[HOST] = ADDRESS
    plan.HOSTS.append(HOST)
    plan.UNITS[HOST] = [str(HERE / f"{name}.service") for name in SERVICES]
    plan.BY_WORD += SERVICES


def put(at, content, owner, mode=0o600):
    place = hosts.folder(HOST) / at.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    place.chmod(mode)
    hosts.os.chown(place, plan.USERS[owner], plan.USERS[owner])


def begin(steps):
    "Makes the database and starts the server, as `up` did for the cell."
    made = state.made()
    up.must(HOST, ["install", "-d", "-o", "postgres", "-g", "postgres", "/var/lib/postgresql"])
    up.must(HOST, [f"{PROGRAMS}/initdb", f"--pgdata={DATA}", "--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8",
                   "--auth-local=peer", "--auth-host=scram-sha-256"], "postgres")
    with open(hosts.folder(HOST) / f"{DATA}/postgresql.conf".lstrip("/"), "a", encoding="utf-8") as settings:
        settings.write((HERE / "postgresql.conf").read_text())
    network.tell(HOST, "start", "alone-postgresql")
    steps.wait("PostgreSQL alone", lambda: network.run(HOST, [f"{PROGRAMS}/pg_isready"]).returncode == 0, at=[HOST])
    variables = "".join(f"\\set {role} '{made.password(role)}'\n" for role in ("migrator", "app", "jobs", "intake"))
    roles = (plan.DEPLOY / "postgresql/epitrace.sql").read_text()
    up.must(HOST, ["psql", "--quiet", "--no-psqlrc"], "postgres", stdin=variables + roles)
    put("/etc/epitrace/epitrace.toml", (HERE / "epitrace.toml").read_text(), "root", 0o644)
    put("/etc/epitrace/pgpass", made.pgpass().replace(plan.DATABASE, "127.0.0.1"), "epitrace")
    put("/etc/epitrace/certificate.pem", made.certificate("web").read_bytes(), "root", 0o644)
    put("/etc/epitrace/key.pem", made.key("web").read_bytes(), "epitrace")
    up.must(HOST, ["install", "-d", "-o", "epitrace", "-g", "epitrace", "/var/lib/epitrace"])
    up.epitrace(HOST, "migrate")
    up.epitrace(HOST, "admin", "create-authority", "ma", "--name", "Mannheim", "--disease", "covid-19")
    up.epitrace(HOST, "admin", "create-account", "kim", "--role", "administrator")
    # The page's port, which else is for root alone.
    up.must(HOST, ["/bin/sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start"])
    network.tell(HOST, "start", "alone-epitrace")
    steps.wait("the server alone", is_ready, at=[HOST])
    steps.say("one server is ready, alone with its PostgreSQL")


def is_ready():
    try:
        return network.get("client", ADDRESS, plan.PAGE, 443, "/health/ready", state.made().authority("web"))[0] == 200
    except state.AWAY:
        return False
