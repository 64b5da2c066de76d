"""The map in CONTRIBUTING.md, drawn from the imports: `python -m tests.folder_map`, or `make docs`.

Every folder is a box with what it answers; an arrow, to the right or down, says whom it imports, those
that others imply left out. A number in a
box is the row of CONTRIBUTING.md whose task is done there.
"""

import ast
import html
import re
import textwrap
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "figures" / "folders.svg"
PAGE = ROOT / "CONTRIBUTING.md"
PACKAGES = ("peiyu", "calibration", "sim", "agents", "scenarios")
"""From the top down; each may import those below it."""
WIDE, HIGH, GAP_X, GAP_Y, LEFT, PER_ROW = 204, 66, 34, 62, 112, 5
COLOURS = {"peiyu": "#0072b2", "calibration": "#8a5a00", "sim": "#007a5a", "agents": "#a0417a", "scenarios": "#555555"}


def folders():
    """Return every folder that holds code or data, as a dotted name, with its meaning in a line."""
    found = {}
    for package in PACKAGES:
        for init in sorted((ROOT / package).rglob("__init__.py")):
            name = ".".join(init.parent.relative_to(ROOT).parts)
            files = [p for p in init.parent.glob("*.py") if p.name != "__init__.py"]
            data = list(init.parent.rglob("*.toml")) if package == "scenarios" else []
            says = ast.get_docstring(ast.parse(init.read_text("utf8"))) or ""
            if files or data:
                found[name] = says.split("\n")[0]
    return found


def home(module, known):
    """Return the folder a dotted name lies in: the longest known one that it begins with."""
    parts = module.split(".")
    return next((".".join(parts[:n]) for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in known), None)


def arrows(known):
    """Return which folder imports which, whatever the way: at the top of a file, in a function, for types only."""
    out = {name: set() for name in known}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            here = home(".".join(path.relative_to(ROOT).with_suffix("").parts), known)
            for node in ast.walk(ast.parse(path.read_text("utf8"))) if here else ():
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [f"{node.module}.{a.name}" for a in node.names]
                out[here] |= {there for name in names if (there := home(name, known)) not in (None, here)}
    return out


def implied(graph):
    """Return the graph without arrows that a longer way implies."""

    def reach(start, seen):
        for there in graph[start]:
            if there not in seen:
                seen.add(there)
                reach(there, seen)
        return seen

    beyond = {name: reach(name, set()) for name in graph}
    return {a: {b for b in bs if not any(b in beyond[c] for c in bs - {b})} for a, bs in graph.items()}


def rows(graph):
    """Return the folders row by row, each package in an order in which imports point right or down."""
    order = list(TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)}).static_order())[::-1]
    out = []
    for package in PACKAGES:
        mine = [name for name in order if name.split(".")[0] == package]
        out += [(package, mine[i : i + PER_ROW]) for i in range(0, len(mine), PER_ROW)]
    return out


def tasks(known):
    """Return the numbers of the rows of CONTRIBUTING.md by the folder in which their work is done."""
    out = {}
    for number, cell in re.findall(r"^\| (\d+) \|[^|]*\|([^|]*)\|", PAGE.read_text("utf8"), re.M):
        places = [re.split(r"[<:]", path)[0].rstrip("/") for path in re.findall(r"`([a-z_]+/[^` ]*)`", cell)]
        names = [home(re.sub(r"\.\w+$", "", place).replace("/", "."), known) for place in places]
        first = next((name for name in names if name), None)
        if first is None:
            raise ValueError(f"CONTRIBUTING.md, row {number}: names no folder of ours in {cell.strip()!r}")
        out.setdefault(first, []).append(number)
    return out


def box(name, x, y, says, numbers):
    """Return the SVG of one folder."""
    colour = COLOURS[name.split(".")[0]]
    lines = textwrap.wrap(says, 38)[:3]
    parts = [
        f'<g><title>{html.escape(name)}: {html.escape(says)}</title>',
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6" fill="#ffffff" stroke="{colour}" stroke-width="1.5"/>',
        f'<text x="{x + 9}" y="{y + 18}" font-size="12" font-weight="bold" fill="{colour}">{name.replace(".", "/")}</text>',
        *(
            f'<text x="{x + 9}" y="{y + 33 + 12 * i}" font-size="9.5" fill="#222222">{html.escape(line)}</text>'
            for i, line in enumerate(lines)
        ),
    ]
    for i, number in enumerate(numbers):
        at = x + WIDE - 12 - 22 * i
        parts.append(f'<circle cx="{at}" cy="{y + HIGH}" r="10" fill="{colour}"/>')
        parts.append(
            f'<text x="{at}" y="{y + HIGH + 4}" font-size="11" font-weight="bold" text-anchor="middle" fill="#ffffff">{number}</text>'
        )
    return "\n".join([*parts, "</g>"])


def way(start, end):
    """Return the SVG of an arrow: to the neighbour straight, below the row to others in it, else down."""
    (x, y), (x2, y2) = start, end
    if y == y2 and x2 - x <= WIDE + GAP_X:
        path = f"M{x + WIDE},{y + HIGH / 2:g} L{x2},{y + HIGH / 2:g}"
    elif y == y2:
        a, c, low = x + WIDE - 40, x2 + 30, y + HIGH
        path = f"M{a},{low} C{a},{low + 34} {c},{low + 34} {c},{low}"
    else:
        a, c = x + WIDE / 2, x2 + WIDE / 2
        path = f"M{a:g},{y + HIGH} C{a:g},{y + HIGH + 34} {c:g},{y2 - 34} {c:g},{y2}"
    return f'<path d="{path}" fill="none" stroke="#999999" marker-end="url(#tip)"/>'


def drawn():
    """Return the picture."""
    known = folders()
    graph = arrows(known)
    places, y, bands = {}, 14, {}
    for package, row in rows(graph):
        for i, name in enumerate(row):
            column = i + (package == "scenarios")  # out of the way of arrows to it that pass by agents
            places[name] = (LEFT + column * (WIDE + GAP_X), y)
        top, _ = bands.get(package, (y, 0))
        bands[package] = (top, y + HIGH)
        y += HIGH + GAP_Y
    wide, high = LEFT + PER_ROW * (WIDE + GAP_X), y - GAP_Y + 24
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="Helvetica, Arial, sans-serif">',
        "<title>The folders of the code, what each answers, and which imports which</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#777777"/></marker></defs>',
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
    ]
    for package, (top, bottom) in bands.items():
        made.append(f'<rect x="4" y="{top - 8}" width="{wide - 8}" height="{bottom - top + 24}" rx="8" fill="{COLOURS[package]}" fill-opacity="0.06"/>')
        made.append(f'<text x="14" y="{top + 16}" font-size="14" font-weight="bold" fill="{COLOURS[package]}">{package}</text>')
    made += [way(places[name], places[there]) for name, below in implied(graph).items() for there in sorted(below)]
    where = tasks(known)
    made += [box(name, *places[name], known[name], where.get(name, [])) for name in places]
    return "\n".join([*made, "</svg>"]) + "\n"


def main():
    """Draw it into docs/figures."""
    PICTURE.write_text(drawn(), "utf8")


if __name__ == "__main__":
    main()
