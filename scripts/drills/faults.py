"""What a cell may lose, one thing at a time, and how it gets it back."""

import dataclasses
import pathlib
import sys
import typing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cell"))

import hosts
import network
import plan
import state
import up

POSTMASTER = "kill -9 $(head -n 1 /var/lib/postgresql/15/epitrace/postmaster.pid)"


def off(host):
    hosts.off(host)


def on(host):
    hosts.on(host, plan.at_once(host), up.remembered())


def by_itself(_host):
    "Nobody has to do anything."


def holder():
    has = state.holders()
    return has[0] if len(has) == 1 else None


def leader():
    "The broker that leads the others."
    said = state.broker(plan.of("kafka")[0])
    return said.split(" ")[0] if "leads" in said else None


@dataclasses.dataclass
class Fault:
    "Something that is lost: of whom it is, how it goes, how it comes back, and whether another primary is needed."
    what: str
    victim: typing.Callable[[], str | None]
    take_away: typing.Callable[[str], object]
    bring_back: typing.Callable[[str], object]
    of_primary: bool = False


FAULTS = {
    "postmaster": Fault("the primary's postmaster, `kill -9`", state.primary,
                        lambda host: network.run(host, ["/bin/sh", "-c", POSTMASTER]), by_itself, True),
    "host": Fault("the primary's host", state.primary, off, on, True),
    "cable": Fault("the primary's cable", state.primary, lambda host: network.link(host, "down"),
                   lambda host: network.link(host, "up"), True),
    "standby": Fault("a standby's host", lambda: next(iter(state.standbys()), None), off, on),
    "balancer": Fault("the host of the balancer that has the address", holder, off, on),
    "server": Fault("a server, `kill -9`", lambda: plan.of("app")[0], lambda host: network.tell(host, "kill", "epitrace"), by_itself),
    "server-host": Fault("a server's host", lambda: plan.of("app")[0], off, on),
    "keyring": Fault("the host of one side of the keyring", lambda: plan.of("keys")[0], off, on),
    "broker": Fault("the host of the broker that leads", leader, off, on),
}
