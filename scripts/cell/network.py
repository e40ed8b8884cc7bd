"""Hosts as namespaces: links between them, what runs in them, and a way to talk to them from here."""

import ctypes
import http.client
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import plan

CLONE_NEWNET = 0x40000000
SHORTEST_WAIT = 0.05
LIBC = ctypes.CDLL(None, use_errno=True)


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True).stdout


def spaces():
    "Namespaces of this lab that are there."
    folder = pathlib.Path("/run/netns")
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(plan.PREFIX)) if folder.exists() else []


def begin_links(between_ms=None):
    """Makes a namespace for each host, and one with the bridge between them: none of it can be reached from the machine, or leaves it.

    With milliseconds, each site has a bridge, and from one to the other it takes that long.
    """
    for name in [plan.SWITCH, *map(plan.namespace, plan.HOSTS)]:
        ip("netns", "add", name)
    lines = []
    for bridge, hosts in (plan.SITES if between_ms else {"bridge": plan.HOSTS}).items():
        lines += [f"link add {bridge} type bridge forward_delay 0 stp_state 0", f"link set {bridge} up"]
        for host in hosts:
            lines.append(f"link add {host} type veth peer name eth0 netns {plan.namespace(host)}")
            lines.append(f"link set {host} master {bridge}")
    batch(plan.SWITCH, lines)
    if between_ms:
        words = ["ip", "netns", "exec", plan.SWITCH, sys.executable, pathlib.Path(__file__).with_name("between.py"), between_ms, *plan.SITES]
        way = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
        if way.stdout.readline() != "ready\n":
            raise OSError("the way between the sites isn't there")


def join(host):
    "Makes the namespace of a host that joins, with its cable into the one bridge."
    ip("netns", "add", plan.namespace(host))
    batch(plan.SWITCH, [f"link add {host} type veth peer name eth0 netns {plan.namespace(host)}", f"link set {host} master bridge"])


def renew(host):
    "Gives a host that goes on its own address alone, and its cable."
    address = plan.ADDRESSES[host]
    batch(plan.namespace(host), ["link set lo up", "addr flush dev eth0", f"addr add {address}/24 dev eth0", "link set eth0 up"])
    link(host, "up")


def batch(space, lines):
    subprocess.run(["ip", "-n", space, "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True, capture_output=True)


def link(host, state):
    ip("-n", plan.SWITCH, "link", "set", host, state)


def pids(space):
    return [int(word) for word in ip("netns", "pids", space, check=False).split()]


def kill_all(space, seconds=10.0):
    "Ends what runs in a namespace, as a power cut would, and waits until it is gone. Returns what is still there."
    until = time.monotonic() + seconds
    while True:
        left = [pid for pid in pids(space) if not is_over(pid)]
        if not left or time.monotonic() > until:
            return left
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(SHORTEST_WAIT)


def is_over(pid):
    "Whether a process is gone, or only waits for somebody to ask how it ended."
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def keeper(host):
    "The process 1 of a host, under its number here; `None` if the host is off."
    for pid in pids(plan.namespace(host)):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        line = next((line for line in status.splitlines() if line.startswith("NSpid:")), "")
        if line.split()[1:] == [str(pid), "1"] and not is_over(pid):
            return pid
    return None


def command(host, words, user="root"):
    "The words that run a command on a host, as a user of it."
    pid = keeper(host)
    if pid is None:
        raise OSError(f"{host} is off")
    enter = ["nsenter", "--target", str(pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
    surroundings = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
    for name in ("TERM",):
        if name in os.environ:
            surroundings.append(f"{name}={os.environ[name]}")
    if user == "epitrace":
        surroundings.append("PGPASSFILE=/etc/epitrace/pgpass")
    as_user = [] if user == "root" else ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    return [*enter, *surroundings, *as_user, *words]


def run(host, words, user="root", seconds=60, stdin=""):
    "Runs a command on a host and returns how it ended, with what it said."
    return subprocess.run(command(host, words, user), input=stdin, capture_output=True, text=True, timeout=seconds, check=False)


def tell(host, word, unit):
    "Tells the keeper of a host: `start`, `stop` or `kill` a unit."
    with open(plan.CELL / "hosts" / host / "run/keeper", "w", encoding="utf-8") as pipe:
        pipe.write(f"{word} {unit}\n")


def unit_state(host, unit):
    try:
        return (plan.CELL / "hosts" / host / "run/units" / unit).read_text().split()[0]
    except (OSError, IndexError):
        return "off"


def connect(here, address, port, seconds=2.0):
    "Connects from a host. A thread that is in its network for a moment makes the socket, which stays there."
    made, failed = [], []

    def make():
        with open(f"/run/netns/{plan.namespace(here)}", "rb") as space:
            if LIBC.setns(space.fileno(), CLONE_NEWNET) != 0:
                failed.append(OSError(ctypes.get_errno(), "cannot enter the network of a host"))
                return
        try:
            made.append(socket.create_connection((address, port), timeout=seconds))
        except OSError as error:
            failed.append(error)

    # The thread ends afterwards, so that nothing else ever runs in that network.
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


class Https(http.client.HTTPSConnection):
    "A connection from one host to a name, checked with an authority."

    def __init__(self, here, address, name, port, authority, pair=None, seconds=2.0):
        context = ssl.create_default_context(cafile=authority)
        if pair:
            context.load_cert_chain(*pair)
        super().__init__(name, port, timeout=seconds, context=context)
        self.here, self.address, self.checked_with = here, address, context

    def connect(self):
        plain = connect(self.here, self.address, self.port, self.timeout)
        self.sock = self.checked_with.wrap_socket(plain, server_hostname=self.host)


def get(here, address, name, port, path, authority, pair=None, seconds=2.0):
    "Returns status and body of one request."
    connection = Https(here, address, name, port, authority, pair, seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
