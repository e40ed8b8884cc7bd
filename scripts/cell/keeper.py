"""Process 1 of a host of the lab: runs the units that lie on it, and starts them again as they say.

Takes words through the pipe /run/keeper, one a line: `start UNIT`, `stop UNIT`, `kill UNIT`. What units say goes to
/var/log/UNIT.log, what the keeper does to /var/log/keeper.log, and how units are to /run/units/UNIT.
"""

import os
import pathlib
import pwd
import resource
import select
import shlex
import signal
import subprocess
import sys
import time

import units

PIPE = "/run/keeper"
STATES = pathlib.Path("/run/units")
LONGEST_WAIT = 60.0


def log(text):
    "Says it, if there is room."
    try:
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
    except OSError:
        pass


class Kept:
    "A unit, and how it is."

    def __init__(self, name):
        self.unit = units.read(name)
        self.process = None
        self.wanted = False
        self.due = None
        self.kill_due = None
        "What couldn't be said yet, because the disk is full."
        self.unsaid = None

    def say(self, state):
        try:
            (STATES / self.unit.name).write_text(f"{state} {self.process.pid if self.process else 0}\n")
            self.unsaid = None
        except OSError:
            self.unsaid = state

    def start(self):
        self.wanted, self.due = True, None
        if self.process:
            return
        unit = self.unit
        user = pwd.getpwnam(unit.user)
        for folder, mode in unit.folders:
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, mode)
            os.chown(folder, user.pw_uid, user.pw_gid)
        places = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": user.pw_dir, "USER": unit.user}
        # What runs first stays in a line with the unit itself: sh waits for it and then becomes the unit.
        command = unit.command
        if unit.before:
            steps = " && ".join(shlex.join(step) for step in unit.before)
            command = ["/bin/sh", "-c", f'{steps} && exec "$@"', "sh", *command]

        def prepare():
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(unit.n_files, most), most))
            signal.pthread_sigmask(signal.SIG_SETMASK, [])

        with open(f"/var/log/{unit.name}.log", "ab") as out:
            try:
                self.process = subprocess.Popen(
                    command, env={**places, **unit.environment}, user=user.pw_uid, group=user.pw_gid, extra_groups=[],
                    umask=unit.umask, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True,
                    preexec_fn=prepare,
                )
            except OSError as error:
                log(f"{unit.name} can't be started: {error}")
                self.say("failed")
                return
        self.say("running")

    def send(self, number, to_all):
        if not self.process:
            return
        try:
            (os.killpg if to_all else os.kill)(self.process.pid, number)
        except ProcessLookupError:
            pass

    def stop(self):
        self.wanted, self.due = False, None
        if self.process:
            self.kill_due = time.monotonic() + self.unit.stop_seconds
            self.send(self.unit.stop_signal, not self.unit.only_main)
        else:
            self.say("stopped")

    def kill(self):
        "As if it had crashed: it is started again if the unit says so."
        self.send(signal.SIGKILL, True)

    def ended(self, code):
        log(f"{self.unit.name} ended with {code}")
        self.process, self.kill_due = None, None
        if self.wanted and self.unit.again(code):
            self.due = time.monotonic() + self.unit.restart_seconds
            self.say("again")
        else:
            self.say("stopped" if not self.wanted else "done" if code == 0 else "failed")

    def tick(self, now):
        if self.due and now >= self.due:
            log(f"{self.unit.name} is started again")
            try:
                self.start()
            except OSError as error:
                log(f"{self.unit.name} can't be started: {error}")
                self.due = now + self.unit.restart_seconds
        if self.unsaid:
            self.say(self.unsaid)
        if self.kill_due and now >= self.kill_due:
            self.kill_due = None
            self.send(signal.SIGKILL, True)

    def next(self):
        again = time.monotonic() + 1.0 if self.unsaid else None
        return [at for at in (self.due, self.kill_due, again) if at]


def reap(kept):
    "Takes note of all that has ended: as process 1 also of what belongs to nobody any more."
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        for one in kept.values():
            if one.process and one.process.pid == pid:
                one.process.returncode = code = os.waitstatus_to_exitcode(status)
                one.ended(code)


def obey(kept, line):
    word, _, name = line.partition(" ")
    one = kept.get(name)
    if one and word in ("start", "stop", "kill"):
        log(line)
        getattr(one, word)()
    else:
        log(f"not understood: {line}")


def main():
    STATES.mkdir(parents=True, exist_ok=True)
    sys.stderr = open("/var/log/keeper.log", "a", encoding="utf-8")
    if not os.path.exists(PIPE):
        os.mkfifo(PIPE, 0o600)
    # Open for writing too, or the pipe would end with the first who wrote into it.
    pipe = os.open(PIPE, os.O_RDWR | os.O_NONBLOCK)
    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    kept = {path.stem: Kept(path.stem) for path in sorted(units.FOLDER.glob("*.service"))}
    for name in pathlib.Path("/etc/lab/begin").read_text().split():
        kept[name].start()
    (STATES / ".ready").touch()
    begun = b""
    while True:
        now = time.monotonic()
        for one in kept.values():
            one.tick(now)
        reap(kept)
        due = [at for one in kept.values() for at in one.next()]
        wait = max(0.0, min(due) - time.monotonic()) if due else LONGEST_WAIT
        ready, _, _ = select.select([pipe, wake], [], [], wait)
        if wake in ready:
            os.read(wake, 4096)
        if pipe in ready:
            *whole, begun = (begun + os.read(pipe, 4096)).split(b"\n")
            for line in whole:
                obey(kept, line.decode(errors="replace").strip())


main()
