"""Reads units of systemd, as far as the lab needs them: what to run, as whom, with which surroundings, and whether again."""

import dataclasses
import pathlib
import shlex
import socket

FOLDER = pathlib.Path("/etc/systemd/system")
SIGNALS = {"SIGTERM": 15, "SIGINT": 2, "SIGKILL": 9}


@dataclasses.dataclass
class Unit:
    name: str
    before: list[list[str]]
    command: list[str]
    user: str
    environment: dict[str, str]
    restart: str
    restart_seconds: float
    stop_signal: int
    stop_seconds: float
    only_main: bool
    umask: int
    n_files: int
    folders: list[tuple[str, int]]

    def again(self, code):
        "Whether it is started again after it ended with this code, which is negative after a signal."
        return self.restart == "always" or (self.restart == "on-failure" and code not in (0, -15, 143))


def lines(path):
    "The settings of the section `[Service]`, in order."
    section, found, begun = None, [], ""
    for line in path.read_text().splitlines():
        line = begun + line.strip()
        begun = ""
        if not line or line[0] in "#;":
            continue
        if line.endswith("\\"):
            begun = line[:-1] + " "
        elif line.startswith("["):
            section = line.strip("[]")
        elif section == "Service":
            key, value = line.split("=", 1)
            found.append((key.strip(), value.strip()))
    return found


def environment_file(path):
    "What a file of `NAME=value` says; one that may be missing has a minus before its name."
    path, may_be_missing = (path[1:], True) if path.startswith("-") else (path, False)
    if may_be_missing and not pathlib.Path(path).exists():
        return {}
    pairs = (line.split("=", 1) for line in pathlib.Path(path).read_text().splitlines() if line.strip() and line[0] not in "#;")
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def read(name, folder=FOLDER):
    "Reads the unit `name` and what is laid over it."
    settings = lines(folder / f"{name}.service")
    for over in sorted((folder / f"{name}.service.d").glob("*.conf")):
        settings += lines(over)
    host = socket.gethostname()

    def filled(value):
        return value.replace("%H", host).replace("%l", host.split(".")[0]).replace("%%", "%")

    def last(key, default=""):
        return next((value for found, value in reversed(settings) if found == key), default)

    def all_of(key):
        return [filled(value) for found, value in settings if found == key]

    environment = {}
    for value in all_of("Environment"):
        environment.update(word.split("=", 1) for word in shlex.split(value))
    for path in all_of("EnvironmentFile"):
        environment.update(environment_file(path))
    folders = []
    for key, above in (("StateDirectory", "/var/lib"), ("LogsDirectory", "/var/log"), ("RuntimeDirectory", "/run")):
        mode = int(last(f"{key}Mode", "0755"), 8)
        folders += [(f"{above}/{name}", mode) for value in all_of(key) for name in value.split()]
    return Unit(
        name=name,
        before=[shlex.split(value) for value in all_of("ExecStartPre")],
        command=shlex.split(filled(last("ExecStart"))),
        user=last("User", "root"),
        environment=environment,
        restart=last("Restart", "no"),
        restart_seconds=float(last("RestartSec", "0.1")),
        stop_signal=SIGNALS[last("KillSignal", "SIGTERM")],
        stop_seconds=float(last("TimeoutStopSec", "90")),
        only_main=last("KillMode", "control-group") in ("process", "mixed"),
        umask=int(last("UMask", "0022"), 8),
        n_files=int(last("LimitNOFILE", "1024")),
        folders=folders,
    )
