"""What a lab of one cell consists of: hosts, their addresses, and which files of `deploy/` lie where on them."""

import dataclasses
import hashlib
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
LAB = TARGET / "lab"
"What is there only while the lab is up: one tmpfs, a folder in it for each host."
CELL = LAB / "cell"
DEPLOY = ROOT / "deploy"

# Two checkouts may each have a lab, so names that the whole machine sees begin with the place of the checkout.
PREFIX = "epitrace-" + hashlib.sha256(str(LAB).encode()).hexdigest()[:6] + "-"
SWITCH = PREFIX + "switch"

DOMAIN = "example.org"
VIRTUAL = "192.0.2.10"
"The other address, where both balancers work."
SECOND = "192.0.2.13"
"How requests are shared out among the servers, to begin with."
WAY = "least-connections"
"All ways of it."
WAYS = sorted(path.stem for path in (DEPLOY / "haproxy/servers").glob("*.cfg"))
"Names of the virtual address: of the page, and of the primary."
PAGE, DATABASE = f"tracing.{DOMAIN}", f"db.{DOMAIN}"

ADDRESSES = {
    "lb-1": "192.0.2.11", "lb-2": "192.0.2.12",
    "db-1": "192.0.2.21", "db-2": "192.0.2.22", "db-3": "192.0.2.23",
    "kafka-1": "192.0.2.31", "kafka-2": "192.0.2.32", "kafka-3": "192.0.2.33",
    "app-1": "192.0.2.41", "app-2": "192.0.2.42",
    "keys-1": "192.0.2.51", "keys-2": "192.0.2.52",
    "backup-1": "192.0.2.61",
    "client": "192.0.2.90",
}
HOSTS = list(ADDRESSES)
"Hosts that aren't there at first, and may join."
SPARES = {"kafka-4": "192.0.2.34", "app-3": "192.0.2.43"}
ADDRESSES |= SPARES
"Where the hosts of a cell stand that is stretched over three sites. Whoever comes from outside comes by the third."
SITES = {f"site-{n}": [host for host in HOSTS if host.endswith(f"-{n}")] for n in (1, 2, 3)}
SITES["site-3"] += [SITES["site-1"].pop(SITES["site-1"].index("backup-1")), "client"]

# Users as they are on hosts of the lab; the machine itself needs none of them.
USERS = {"root": 0, "etcd": 971, "postgres": 972, "haproxy": 973, "kafka": 974, "epitrace": 975, "nobody": 65534}


def namespace(host):
    return PREFIX + host


def role(host):
    return host.split("-")[0]


def full(host):
    return f"{host}.{DOMAIN}"


def of(kind):
    "The hosts of a kind: `of(\"db\")`."
    return [host for host in HOSTS if role(host) == kind]


def hosts_file():
    lines = ["127.0.0.1 localhost", f"{VIRTUAL} {PAGE} {DATABASE}"]
    lines += [f"{address} {full(host)} {host}" for host, address in ADDRESSES.items()]
    return "\n".join(lines) + "\n"


@dataclasses.dataclass
class File:
    "A file on a host: what is in it, whose it is. Secrets are for their owner only."
    at: str
    content: str | bytes | pathlib.Path
    owner: str = "root"
    mode: int = 0o644

    def bytes(self):
        if isinstance(self.content, pathlib.Path):
            return self.content.read_bytes()
        return self.content.encode() if isinstance(self.content, str) else self.content


UNITS = {
    "db": ["etcd/etcd.service", "postgresql/patroni.service", "pgbackrest/pgbackrest.service"],
    "lb": ["haproxy/haproxy.service", "keepalived/keepalived.service"],
    "kafka": ["kafka/kafka.service"],
    "app": ["epitrace/epitrace.service", "kafka/epitrace-consume.service"],
    "keys": ["keyring/epitrace-keyring.service"],
    "backup": ["pgbackrest/pgbackrest.service", "pgbackrest/pgbackrest-full.service", "pgbackrest/pgbackrest-full.timer",
               "pgbackrest/pgbackrest-differential.service", "pgbackrest/pgbackrest-differential.timer"],
    "client": [],
}
"What a timer starts, or somebody by word, and not the host when it goes on."
BY_WORD = ["pgbackrest-full", "pgbackrest-differential"]
# What is smaller here than on a host of its own: three brokers share the machine with all the rest.
DROP_INS = {
    "kafka.service": '[Service]\nEnvironment="KAFKA_HEAP_OPTS=-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"\n',
}
"Folders that hosts have in common, by kind."
SHARED = {}


def services(host):
    "Names of the services of a host."
    return [pathlib.Path(unit).stem for unit in UNITS[role(host)] if unit.endswith(".service")]


def at_once(host):
    "Names of the services that run as long as the host is on."
    return [name for name in services(host) if name not in BY_WORD]


def files(host, made):
    "The files of a host. `made` has what `up` made: certificates of the host, authorities, passwords."
    kind, names = role(host), list(UNITS[role(host)])
    found = [File("/etc/hosts", hosts_file()), File("/etc/hostname", full(host) + "\n")]
    for unit in names:
        name = pathlib.Path(unit).name
        found.append(File(f"/etc/systemd/system/{name}", DEPLOY / unit))
        if name in DROP_INS:
            found.append(File(f"/etc/systemd/system/{name}.d/lab.conf", DROP_INS[name]))

    def host_certificate(folder, owner):
        found.append(File(f"{folder}/authority.pem", made.authority(kind)))
        found.append(File(f"{folder}/certificate.pem", made.certificate(host)))
        found.append(File(f"{folder}/key.pem", made.key(host), owner, 0o600))

    def way_of_backups():
        found.append(File("/etc/pgbackrest/authority.pem", made.authority("backup")))
        found.append(File("/etc/pgbackrest/certificate.pem", made.certificate(f"{host}-backup")))
        found.append(File("/etc/pgbackrest/key.pem", made.key(f"{host}-backup"), "postgres", 0o600))

    if kind == "db":
        found.append(File("/etc/etcd/etcd.env", DEPLOY / "etcd/etcd.env"))
        host_certificate("/etc/etcd", "etcd")
        found.append(File("/etc/patroni/patroni.yml", DEPLOY / "postgresql/patroni.yml"))
        found.append(File("/etc/patroni/passwords.env", made.patroni_passwords(), "postgres", 0o600))
        found.append(File("/etc/patroni/epitrace.sql", DEPLOY / "postgresql/epitrace.sql"))
        host_certificate("/etc/patroni", "postgres")
        found.append(File("/etc/patroni/restore", DEPLOY / "pgbackrest/restore", mode=0o755))
        found.append(File("/etc/pgbackrest/pgbackrest.conf", DEPLOY / "pgbackrest/database.conf"))
        way_of_backups()
    elif kind == "backup":
        found.append(File("/etc/pgbackrest/pgbackrest.conf", DEPLOY / "pgbackrest/repository.conf"))
        found.append(File("/etc/pgbackrest/conf.d/passphrase.conf", made.passphrase(), "postgres", 0o600))
        way_of_backups()
    elif kind == "lb":
        for name in ("haproxy.cfg", "away.html", "site-1.lst", "site-2.lst"):
            found.append(File(f"/etc/haproxy/{name}", DEPLOY / "haproxy" / name))
        found.append(File("/etc/haproxy/servers.cfg", DEPLOY / f"haproxy/servers/{WAY}.cfg"))
        found.append(File("/etc/haproxy/secrets.env", f"COOKIE_KEY={made.password('cookie')}\n", mode=0o600))
        found.append(File("/etc/haproxy/web.pem", made.certificate("web").read_bytes() + made.key("web").read_bytes(), mode=0o600))
        found.append(File("/etc/haproxy/servers-authority.pem", made.authority("app")))
        found.append(File("/etc/haproxy/database-authority.pem", made.authority("db")))
        found.append(File("/etc/keepalived/keepalived.conf", DEPLOY / "keepalived/keepalived.conf"))
        found.append(File("/etc/keepalived/check-haproxy", DEPLOY / "keepalived/check-haproxy", mode=0o755))
    elif kind == "kafka":
        number = host.split("-")[1]
        found.append(File("/etc/kafka/server.properties", DEPLOY / f"kafka/broker-{number}.properties"))
        found.append(File("/etc/kafka/tools.properties", DEPLOY / "kafka/tools.properties"))
        found.append(File("/etc/kafka/authority.pem", made.authority("kafka")))
        both = made.key(host).read_bytes() + made.certificate(host).read_bytes()
        found.append(File("/etc/kafka/broker.pem", both, "kafka", 0o600))
    elif kind == "app":
        found.append(File("/etc/epitrace/epitrace.toml", DEPLOY / "epitrace/epitrace.toml"))
        found.append(File("/etc/epitrace/pgpass", made.pgpass(), "epitrace", 0o600))
        found.append(File("/etc/epitrace/kafka-password", made.password("kafka") + "\n", "epitrace", 0o600))
        found.append(File("/etc/epitrace/database-authority.pem", made.authority("db")))
        found.append(File("/etc/epitrace/kafka-authority.pem", made.authority("kafka")))
        found.append(File("/etc/epitrace/certificate.pem", made.certificate(host)))
        found.append(File("/etc/epitrace/key.pem", made.key(host), "epitrace", 0o600))
        found.append(File("/etc/epitrace/keyring-authority.pem", made.authority("keys")))
        found.append(File("/etc/epitrace/keyring-certificate.pem", made.certificate(f"{host}-keys")))
        found.append(File("/etc/epitrace/keyring-key.pem", made.key(f"{host}-keys"), "epitrace", 0o600))
    elif kind == "keys":
        found.append(File("/etc/epitrace/keyring.toml", DEPLOY / "keyring/keyring.toml"))
        found.append(File("/etc/epitrace/keyring-authority.pem", made.authority("keys")))
        found.append(File("/etc/epitrace/certificate.pem", made.certificate(host)))
        found.append(File("/etc/epitrace/key.pem", made.key(host), "epitrace", 0o600))
    elif kind == "client":
        # As if a public authority had signed the page's certificate: that is whom programs there trust.
        found.append(File("/etc/ssl/certs/ca-certificates.crt", made.authority("web")))
        found.append(File("/etc/lab/database-authority.pem", made.authority("db")))
    return found
