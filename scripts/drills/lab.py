"""Kills `scripts/lab up` at moments all over its way, and sees that `down` leaves nothing: no host, process, mount or folder.

Then brings the cell up over what another killed one left, and takes it down. Needs root and `scripts/setup lab`.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/cell"))

import network
import plan

LAB = ROOT / "scripts/lab"
PROGRAM = os.environ.get("EPITRACE_LAB_PROGRAM")
UP = [LAB, "up", *(["--program", PROGRAM] if PROGRAM else [])]
MOMENTS = [0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.5, 4.0, 7.0, 12.0, 18.0]


def killed_after(seconds):
    process = subprocess.Popen(UP, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def keepers():
    "Processes of any lab of this checkout: those that enter a host name its folder, and those in it have it as their root."
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            text = (path / "cmdline").read_bytes() + os.readlink(path / "root").encode()
        except OSError:
            continue
        if str(plan.CELL).encode() in text and int(path.name) != os.getpid():
            found.append(int(path.name))
    return found


def left():
    "What there still is."
    mounts = [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if str(plan.CELL) in line]
    return network.spaces() + mounts + keepers() + [str(path) for path in [plan.CELL] if path.exists()]


def main():
    n_left = n_found = 0
    for moment in MOMENTS:
        killed_after(moment)
        n_there = len(network.spaces())
        begun = time.monotonic()
        done = subprocess.run([LAB, "down"], capture_output=True, text=True, check=False)
        rest = left()
        n_left += len(rest) + (done.returncode != 0)
        n_found += n_there
        print(f"killed after {moment:5.1f} s: {n_there:2} namespaces were there, down took {time.monotonic() - begun:.1f} s, "
              f"left: {rest or 'nothing'} {done.stderr.strip()}", flush=True)
    killed_after(MOMENTS[-1])
    begun = time.monotonic()
    again = subprocess.run(UP, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    print(f"up over what was left: {seconds:.1f} s, load {os.getloadavg()[0]:.1f}" if again.returncode == 0 else again.stdout + again.stderr)
    subprocess.run([LAB, "down"], check=True)
    rest = left()
    n_left += len(rest)
    rows = [
        {"figure": "left of a lab killed on its way up", "value": n_left, "unit": "things", "goal": "0", "met": n_left == 0 and n_found > 0,
         "n": len(MOMENTS), "method": "kill -9 of `scripts/lab up` at so many moments, each followed by `down`"},
        {"figure": "a cell comes up", "value": round(seconds, 1), "unit": "s", "goal": "≤ 60", "met": again.returncode == 0 and seconds <= 60,
         "n": 1, "method": "`scripts/lab up` over what a killed one left, with a first run of nodes stored"},
    ]
    out = plan.TARGET / "drill" / "lab.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([{**row, "peer": None, "ratio": None} for row in rows], indent=1))
    return 0 if all(row["met"] for row in rows) else 1


sys.exit(main())
