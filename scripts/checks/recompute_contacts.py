"""Recomputes all contacts and infections of a run from its positions, and compares: recompute_contacts.py DIR

DIR is what `epitrace simulate --csv DIR` wrote. Of positions.csv it takes places, who lives, and who is infected in
second 0; health in all later seconds is recomputed and compared too.
"""
import csv, itertools, json, pathlib, sys

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())["parameters"]
radius, cooldown = run["infection_radius"], run["cooldown_s"]
edge, ill_from, differences, n_rows = int(radius) + 1, {}, [], 0
def health(node, second):
    age = second - ill_from.get(node, second + 1)
    return "susceptible" if age < 0 or age >= 2 * cooldown else "infected" if age < cooldown else "immune"

given = {name: {tuple(map(int, row)) for row in itertools.islice(csv.reader(open(folder / f"{name}.csv")), 1, None)}
         for name in ("contacts", "infections")}
for second, group in itertools.groupby(csv.DictReader(open(folder / "positions.csv")), lambda row: int(row["second"])):
    alive = {int(row["node"]): row for row in group if row["alive"] == "true"}
    ill_from.update({node: 0 for node, row in alive.items() if second == 0 and row["health"] == "infected"})
    differences += [(second, node) for node, row in alive.items() if row["health"] != health(node, second)]
    cells, met, caught = {}, {}, {}
    for node, row in alive.items():
        x, y = int(row["x"]), int(row["y"])
        for cell in itertools.product(*(range(at // edge - 1, at // edge + 2) for at in (x, y))):
            for other, a, b in cells.get(cell, ()):
                if (square := (a - x) ** 2 + (b - y) ** 2) <= radius**2:
                    met[min(node, other), max(node, other)] = square
        cells.setdefault((x // edge, y // edge), []).append((node, x, y))
    for (a, b), square in [*met.items(), *((pair[::-1], square) for pair, square in met.items())]:
        if (health(a, second), health(b, second)) == ("susceptible", "infected"):
            caught[a] = min(caught.get(a, (square, b)), (square, b))
    for name, rows in [("contacts", {(second, *pair, square) for pair, square in met.items()}),
                       ("infections", {(second, a, b, square) for a, (square, b) in caught.items()})]:
        differences, n_rows = differences + sorted(rows - given[name]), n_rows + len(rows)
        given[name] -= rows
    ill_from.update({node: second + 1 for node in caught})
differences += [row for rows in given.values() for row in sorted(rows)]
print(*differences[:20], f"{n_rows} contacts and infections recomputed, {len(differences)} differences", sep="\n")
sys.exit(bool(differences))
