"""The way between sites of a stretched cell: a switch that hands each frame on after a while. Runs in the namespace of the bridges.

usage: between.py MILLISECONDS BRIDGE…    one way; it says "ready" once every bridge has its cable
"""

import fcntl
import heapq
import itertools
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LONGEST_FRAME = 65_536
EVERYBODY = 1


def cable(bridge):
    "A cable into a bridge: what is written to it comes out there, and the other way round."
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"to-{bridge}"
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", name, "master", bridge, "up"], check=True)
    return tap


def hand_on(cables, seconds):
    "Learns behind which cable an address is, as switches do; what is for everybody, or nobody known, goes to all others."
    behind, waiting, numbers = {}, [], itertools.count()
    while True:
        due = waiting[0][0] - time.monotonic() if waiting else None
        readable, *_ = select.select(cables, [], [], None if due is None else max(due, 0.0))
        for source in readable:
            frame = os.read(source, LONGEST_FRAME)
            behind[frame[6:12]] = source
            at = time.monotonic() + seconds
            target = None if frame[0] & EVERYBODY else behind.get(frame[0:6])
            if target != source:
                heapq.heappush(waiting, (at, next(numbers), source, target, frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, source, target, frame = heapq.heappop(waiting)
            for other in cables:
                if other != source and target in (None, other):
                    # A cable that is full loses what comes, as cables do.
                    try:
                        os.write(other, frame)
                    except OSError:
                        pass


def main():
    cables = [cable(bridge) for bridge in sys.argv[2:]]
    print("ready", flush=True)
    hand_on(cables, float(sys.argv[1]) / 1000)


main()
