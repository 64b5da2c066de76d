"""One file to archive: an appendix with everything from which another machine makes it again, always the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from peiyu.document.stable_zip import EPOCH
from peiyu.runs.stored import StoredRun
from sim.city.shelf import SCENARIOS, scenario_file
from sim.inputs.csv import MAX_NUMBERS
from sim.inputs.errors import InputError
from sim.inputs.text import TextFile, read_bytes, read_text
from sim.inputs.toml import parsed
from sim.store.extract import extract
from sim.versions import installed, source_version, versions

README = Path(__file__).parents[1] / "templates" / "archive.md"
"""What stands in an archive on how to use it, in Chinese and English."""
KEPT = (".csv", ".toml", ".json", ".md")
"""Files of a city folder that go into the archive."""


def written(s: StoredRun, documents: list[Path], lang: str) -> bytes:
    """Return the archive of a run and its documents."""
    parts = {f"documents/{path.name}": path.read_bytes() for path in documents}
    parts |= {
        f"city/{s.city.name}/{p.name}": read_bytes(p, MAX_NUMBERS)
        for p in sorted(s.city.folder.iterdir())
        if p.suffix in KEPT
    }
    mine = f"city/{s.city.name}/{SCENARIOS}"
    every = sorted((s.city.folder / SCENARIOS).glob("*.toml"))  # the description of the model counts them
    parts |= {f"{mine}/{p.name}": read_bytes(p, MAX_NUMBERS) for p in every}
    parts |= {f"{mine}/{name}.toml": text.encode() for name, text in scenario_texts(s)}
    with TemporaryDirectory() as folder:
        place = Path(folder) / "store.db"
        extract(s.store, s.id, place)
        parts["store.db"] = place.read_bytes()
    parts["versions.txt"] = ("\n".join(installed()) + "\n").encode()
    parts["run.json"] = (json.dumps(about(s), ensure_ascii=False, indent=1) + "\n").encode()
    parts["README.md"] = readme(s, lang).encode()
    sums = "".join(f"{hashlib.sha256(parts[name]).hexdigest()}  {name}\n" for name in sorted(parts))
    return _zipped(parts | {"SHA256SUMS": sums.encode()})


def about(s: StoredRun) -> dict[str, object]:
    """Return what decides the numbers of the run, and with what they were written."""
    kept = ("run_id", "city", "scenario", "as_of", "horizon", "seed", "weight", "created")
    hashes = {"data": "data_sha", "scenario": "scenario_sha", "posterior": "fit_sha", "code": "code"}
    return {
        **{k: s.run[k] for k in kept},
        "members": s.members,
        "hashes": {k: s.run[column] for k, column in hashes.items()},
        "written_with": versions() | {"code": source_version()},
    }


def readme(s: StoredRun, lang: str) -> str:
    """Return how to make the documents, and the numbers, again."""
    where = f"--db store.db --city city/{s.city.name} --scenario {s.run['scenario']}"
    first = s.forecasts[0]
    facts = {
        "run": s.id, "version": s.run["version"], "where": where, "lang": lang,
        "id": f"run/{s.id}/forecast/{first['goal']}/{first['reading']}/probability",
    }  # fmt: skip
    return README.read_text("utf8").format(**facts)


def scenario_texts(s: StoredRun) -> Iterator[tuple[str, str]]:
    """Give name and text of every scenario of the archived runs, of those they extend, and of the policy in force."""
    texts = s.store.scenario_texts(s.store.related_runs(s.id))
    names = [s.city.in_force, *(str(name) for text in texts.values() if (name := _parent(text)))]
    while names:
        name = names.pop()
        if name not in texts:
            try:
                texts[name] = read_text(scenario_file(name, s.city.folder))
            except InputError:
                continue  # a file of the user's that is not here any more; the store has the levers' results
            names += [parent] if (parent := _parent(texts[name])) else []
    yield from sorted(texts.items())


def _parent(text: str) -> str | None:
    found = parsed(TextFile(Path("a scenario of the store"), text)).get("extends")
    return str(found) if found else None


def _zipped(parts: dict[str, bytes]) -> bytes:
    """Return a zip file without the time of day, its parts in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(parts):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            made.writestr(info, parts[name])
    return buffer.getvalue()
