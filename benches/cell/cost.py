"""What hosts of the lab cost: the processors' time of all that runs in them."""

import os
import pathlib
import time

import plan

TICKS = os.sysconf("SC_CLK_TCK")


def used(of):
    """Seconds of processors that the processes of each of these hosts have used by now, with those that ended and were asked how.
    What tells processes of a host from others is their network."""
    networks = {os.stat(f"/run/netns/{plan.namespace(host)}").st_ino: host for host in of}
    found = dict.fromkeys(of, 0.0)
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            host = networks.get(os.stat(folder / "ns/net").st_ino)
            fields = (folder / "stat").read_text().rpartition(")")[2].split() if host else []
        except OSError:
            continue
        if host:
            # Own time of user and kernel, and that of children who ended: the 14th to the 17th field of all.
            found[host] += sum(map(int, fields[11:15])) / TICKS
    return found


class Meter:
    "Measures from when it is made."

    def __init__(self, of):
        self.of, self.begun, self.before = of, time.monotonic(), used(of)

    def read(self):
        "Seconds since it was made, and processors' seconds by host."
        now = used(self.of)
        return time.monotonic() - self.begun, {host: now[host] - self.before[host] for host in self.of}
