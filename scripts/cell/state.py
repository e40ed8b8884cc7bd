"""How a lab is: what each of its parts says of itself, and whether they agree."""

import concurrent.futures
import json
import re

import network
import plan
from made import Made

AWAY = (OSError, ValueError, KeyError)
KEYRING_STATUS = ["/usr/local/bin/epitrace", "keyring", "status"]


def made():
    return Made(plan.CELL / "made")


def ask(host, port, path, kind, pair=None):
    "Asks a host from the client's place."
    keys = made()
    return network.get("client", plan.ADDRESSES[host], plan.full(host), port, path, keys.authority(kind), pair)


def members():
    "What Patroni knows of the database hosts: the first answer that comes. Empty without one."
    for host in plan.of("db"):
        try:
            return json.loads(ask(host, 8008, "/cluster", "db")[1])["members"]
        except AWAY:
            continue
    return []


def role(host):
    "What Patroni says of its own host: `primary`, `sync_standby`, `replica`, or why it says nothing."
    try:
        said = json.loads(ask(host, 8008, "/patroni", "db")[1])
        return said["role"] if said.get("state") == "running" else f"{said['role']}, {said.get('state')}"
    except AWAY:
        return "away"


def primary():
    "The host that says it is primary; `None` if none or several do."
    with concurrent.futures.ThreadPoolExecutor() as pool:
        roles = dict(zip(plan.of("db"), pool.map(role, plan.of("db"))))
    found = [host for host, what in roles.items() if what in ("primary", "master")]
    return found[0] if len(found) == 1 else None


def standbys():
    "Hosts whose standby must have a write before it is acknowledged, as Patroni has it."
    return sorted(one["name"].split(".")[0] for one in members() if one.get("role") in ("sync_standby", "quorum_standby"))


def etcd(host):
    try:
        pair = (made().certificate(host), made().key(host))
        status, body = ask(host, 2379, "/health", "db", pair)
        return "healthy" if status == 200 and json.loads(body)["health"] == "true" else "ill"
    except AWAY:
        return "away"


def broker(host):
    "Who leads the brokers, as this one has noted, and whether it takes clients."
    noted = plan.CELL / "hosts" / host / "var/lib/kafka/__cluster_metadata-0/quorum-state"
    try:
        quorum = json.loads(noted.read_text())
        leader, epoch = quorum["leaderId"], quorum["leaderEpoch"]
    except AWAY:
        return "away"
    try:
        network.connect("client", plan.ADDRESSES[host], 9093).close()
    except OSError:
        return "away"
    return f"kafka-{leader} leads, epoch {epoch}" if leader > 0 else "no leader"


def holders():
    "Balancers that have the virtual address: one, if all is well."
    found = []
    for host in filter(network.keeper, plan.of("lb")):
        said = network.ip("-n", plan.namespace(host), "-4", "addr", "show", "eth0", check=False)
        if re.search(rf"\b{re.escape(plan.VIRTUAL)}/", said):
            found.append(host)
    return found


def server(host):
    try:
        status, _ = ask(host, 8443, "/health/ready", "app")
        return "ready" if status == 200 else f"answers {status}"
    except AWAY:
        return "away"


def page(path="/health/ready"):
    "Status of a page as people ask for it: by name, over the virtual address, checked."
    try:
        return network.get("client", plan.VIRTUAL, plan.PAGE, 443, path, made().authority("web"))[0]
    except AWAY:
        return None


def keyring(host):
    "How a side of the keyring stands, as a server hears it."
    words = [*KEYRING_STATUS, "--config", "/etc/epitrace/epitrace.toml", "--data", "/var/lib/epitrace", "--json"]
    try:
        said = json.loads(network.run("app-1", words, "epitrace").stdout)
        standing = next(one["standing"] for one in said if one["address"].startswith(plan.full(host)))
        return f"keyring, mirror {standing['mirror']}" + ("" if standing["answers"] else ", waits for it")
    except (*AWAY, TypeError, StopIteration):
        return "keyring away"


def table():
    "Rows of host and how it is; and whether all is well."
    with concurrent.futures.ThreadPoolExecutor() as pool:
        databases = pool.map(lambda host: (host, role(host), etcd(host)), plan.of("db"))
        brokers = pool.map(lambda host: (host, broker(host)), plan.of("kafka"))
        servers = pool.map(lambda host: (host, server(host), network.unit_state(host, "epitrace-consume")), plan.of("app"))
        sides = pool.map(lambda host: (host, keyring(host)), plan.of("keys"))
        outside, sync = pool.submit(page), pool.submit(standbys)
        databases, brokers, servers, sides = list(databases), list(brokers), list(servers), list(sides)
        outside, sync = outside.result(), sync.result()
    has = holders()
    rows = []
    for host, what, store in databases:
        what = "synchronous standby" if host in sync and what != "away" else what
        rows.append((host, f"{what}; etcd {store}"))
    rows += [(host, "has the address" if host in has else ("waits" if network.keeper(host) else "off")) for host in plan.of("lb")]
    rows += brokers
    rows += [(host, f"repository {network.unit_state(host, 'pgbackrest')}") for host in plan.of("backup")]
    rows += [(host, f"server {what}; consumer {consumer}") for host, what, consumer in servers]
    rows += sides
    rows.append((plan.PAGE, f"{plan.VIRTUAL} answers {outside}" if outside else f"{plan.VIRTUAL} doesn't answer"))
    is_well = (
        [what for _, what, _ in databases].count("primary") == 1
        and len(sync) == 2
        and all(store == "healthy" for _, _, store in databases)
        and len(has) == 1
        and len({what for _, what in brokers}) == 1 and "leads" in brokers[0][1]
        and all(what == "ready" and consumer == "running" for _, what, consumer in servers)
        and all(what == "keyring, mirror there" for _, what in sides)
        and outside == 200
    )
    return rows, is_well
