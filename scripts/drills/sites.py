"""Stretches a cell over three sites and takes one after the other away while cases are opened: acknowledged = found, each once, and it goes on.

Needs root and `scripts/setup lab`. usage: sites.py [MILLISECONDS]    one way between two sites
"""

import sys

from losses import hosts_at_once, lose
from people import bring_up, keep, key, lab, told

import plan

"Longer than it takes until another site has the primary and the address."
AWAY_S = 60.0
BETWEEN_MS = sys.argv[1] if len(sys.argv) > 1 else "12.5"


def hosts_of(site):
    return [host for host in plan.SITES[site] if host != "client"]


def main():
    bring_up("--between", BETWEEN_MS)
    acknowledged, found = [], []
    try:
        bearer = key()
        for site in plan.SITES:
            what = f"{site} of three, {float(BETWEEN_MS) * 2:g} ms apart there and back,"
            found += lose(hosts_at_once(what, lambda site=site: hosts_of(site)), bearer, acknowledged, AWAY_S)
    finally:
        lab("down")
    return keep("sites", found)


sys.exit(told(main))
