"""Folders of hosts, and hosts going on and off."""

import os
import pathlib
import shutil
import subprocess

import network
import plan

# What programs of a host read of the machine's own settings.
OF_THE_MACHINE = ["alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "nsswitch.conf", "protocols", "services",
                  "ssl/openssl.cnf"]
FOLDERS = ["dev", "etc/lab", "lab", "local/bin", "old", "opt/kafka/libs", "opt/kafka/bin", "opt/patroni", "proc", "root", "run", "srv",
           "sys", "tmp", "usr", "var/lib", "var/log", "var/tmp"]
LINKS = ["bin", "lib", "lib64", "sbin"]
KAFKA = {"kafka-server-start.sh": "kafka.Kafka", "kafka-storage.sh": "kafka.tools.StorageTool",
         "kafka-reassign-partitions.sh": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
         "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand"}


def folder(host):
    return plan.CELL / "hosts" / host


def make(host, made):
    "Makes the folder of a host, with all that lies on it before anything runs."
    root = folder(host)
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)
    for name in LINKS:
        if os.path.islink(f"/{name}"):
            (root / name).symlink_to(os.readlink(f"/{name}"))
    (root / "var/run").symlink_to("/run")
    java = [name for name in os.listdir("/etc") if name.startswith("java")]
    for name in OF_THE_MACHINE + java:
        source, place = pathlib.Path("/etc", name), root / "etc" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True)
        elif source.exists():
            shutil.copy2(source, place)
    homes = {"root": "/root", "postgres": "/var/lib/postgresql", "nobody": "/nonexistent"}
    users = [f"{name}:x:{number}:{number}::{homes.get(name, f'/var/lib/{name}')}:/bin/sh\n" for name, number in plan.USERS.items()]
    (root / "etc/passwd").write_text("".join(users))
    groups = {**plan.USERS, "nogroup": 65534}
    (root / "etc/group").write_text("".join(f"{name}:x:{number}:\n" for name, number in groups.items()))
    for one in plan.files(host, made):
        place = root / one.at.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(one.bytes())
        place.chmod(one.mode)
        os.chown(place, plan.USERS[one.owner], plan.USERS[one.owner])
    for name, main in KAFKA.items():
        # Maven brings the jars, without the scripts around them.
        script = root / "opt/kafka/bin" / name
        script.write_text(f"#!/bin/sh\nexec java $KAFKA_HEAP_OPTS -cp '/opt/kafka/libs/*' {main} \"$@\"\n")
        script.chmod(0o755)
    (root / "local/bin/epitrace").touch()
    for shared, place in plan.SHARED.get(plan.role(host), {}).items():
        source = plan.CELL / "shared" / shared
        source.mkdir(parents=True, exist_ok=True)
        os.chown(source, plan.USERS["epitrace"], plan.USERS["epitrace"])
        source.chmod(0o700)
        (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)


def on(host, begin, tools):
    "Starts the keeper of a host, and with it the units that are named in `begin`."
    root = folder(host)
    network.renew(host)
    (root / "etc/lab/begin").write_text(" ".join(begin))
    shutil.rmtree(root / "run")
    (root / "run").mkdir()
    seen = [f"{tools.program}", "usr/local/bin/epitrace"]
    if plan.role(host) == "kafka":
        seen += [f"{tools.jars}", "opt/kafka/libs"]
    if plan.role(host) == "db":
        seen += [f"{tools.patroni}", "opt/patroni"]
    for shared, place in plan.SHARED.get(plan.role(host), {}).items():
        seen += [f"+{plan.CELL / 'shared' / shared}", place.lstrip("/")]
    here = plan.ROOT / "scripts/cell"
    apart = ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork"]
    enter = [*apart, "/bin/sh", here / "enter.sh", root, plan.full(host), here, *seen]
    with open(root / "var/log/enter.log", "ab") as out:
        subprocess.Popen(
            ["ip", "netns", "exec", plan.namespace(host), *enter],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True,
        )


def off(host):
    "Ends all of a host at once, and it answers nobody any more. What it had written to its folder stays, as on a disk."
    network.link(host, "down")
    return network.kill_all(plan.namespace(host))


def renew(host, made, tools):
    "Puts a new host in the place of one: what an operator puts on its disk is there, nothing else, and nothing runs."
    off(host)
    shutil.rmtree(folder(host))
    make(host, made)
    on(host, [], tools)


def is_on(host):
    return (folder(host) / "run/units/.ready").exists() and network.keeper(host) is not None
