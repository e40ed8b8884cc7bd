"""Figures, printed as they are found and kept as the page of benchmarks wants them: as `benches/platform/src/figures.rs` does."""

import json
import statistics

COLUMNS = f"{'cell':<66}{'value':>12}  {'unit':<14}{'ratio':>8}  goal"


class Figures:
    def __init__(self, path):
        self.path, self.rows = path, []
        print(f"\n{COLUMNS}")

    def add(self, figure, value, unit, method, n, peer=None, ratio=None, most=None):
        "Adds a figure. `most` is a goal: the value, or less. A ratio above 1 says that the cell takes less time than its peer."
        goal, met = (None, None) if most is None else (f"≤ {most} {unit}", value <= most)
        self.rows.append({"figure": figure, "value": float(value), "unit": unit, "peer": peer, "ratio": ratio, "goal": goal, "met": met,
                          "n": n, "method": method})
        verdict = {None: "", True: "met", False: "MISSED"}[met]
        of_peer = "" if ratio is None else f"{ratio:.2f}"
        print(f"{figure:<66}{value:>12.3f}  {unit:<14}{of_peer:>8}  {goal or '':<22}{verdict}", flush=True)

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.rows, indent=2, ensure_ascii=False))


def median(values):
    return statistics.median(values)


def quantile(values, share):
    "The value below which a share of them lies; the nearest rank above."
    rank = max(1, -int(-share * len(values) // 1))
    return sorted(values)[rank - 1]
