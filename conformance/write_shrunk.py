"""Shrink each known divergence of the last run to a case: nox -s shrink.

Every finding that matches a ledger entry, rejections included, becomes the shortest recipe and run
found that still shows it. The report uses this case as the example. Run it again when the ledger
changes.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.bindings.backend import backends
from lrspec.cli.terminal import progress
from lrspec.report.groups import groups
from lrspec.suite.cases import cases
from lrspec.suite.plan import plan
from lrspec.suite.shrink import SHRUNK, Shrunk, shrink
from lrspec.verdict.results import read, write

FOLDER = resources.root() / "conformance" / "cases" / "shrunk"


def main() -> None:
    """Write one file per backend, each atomically."""
    results = read(Path("reports/results.json"))
    runs = {run.id: run for run in plan(cases(), list(backends().values()))}
    known = [group for group in groups(results, *SHRUNK) if group.entry is not None]
    names = {group.example.run: f"shrunk/{group.entry.id}" for group in known if group.entry}
    with progress(len(known)) as advance:
        shortest = shrink([(runs[g.example.run], g.example) for g in known], advance=advance)
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in sorted(shortest, key=lambda one: names[one.original]):
        entries[one.run.backend.name].append(entry(names[one.original], one))
    shutil.rmtree(FOLDER, ignore_errors=True)
    for backend, listed in entries.items():
        lines = ",\n".join(f"    {json.dumps(case, ensure_ascii=False)}" for case in listed)
        schema = '"$schema": "../../../spec/schema/cases.schema.json"'
        head = f'{{\n  {schema},\n  "backend": "{backend}",\n  "cases": [\n'
        write(FOLDER / f"{backend}.json", f"{head}{lines}\n  ]\n}}\n")


def entry(name: str, shrunk: Shrunk) -> dict[str, Any]:
    """Return the case of one finding, as it is written to the file."""
    scenario = shrunk.run.scenario
    return {
        "id": name,
        "description": f"Shortest known run that shows {name.partition('/')[2]}.",
        "recipe": shrunk.run.case.recipe.to_dict(),
        "steps": [shrunk.steps],
        "scenarios": [str(scenario.id.selector if scenario.stepwise else scenario.id)],
        "argument_form": shrunk.run.argument_form,
    }


if __name__ == "__main__":
    main()
