"""Shrink each departure of the last run to a case: nox -s shrink.

Every departure, rejections included, becomes the shortest recipe and run found that still shows it.
The report uses this case as the example. Run it again when the departures change.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.bindings.backend import backends
from lrspec.cli.terminal import progress
from lrspec.report.groups import groups
from lrspec.suite.cases import cases
from lrspec.suite.plan import plan
from lrspec.suite.shrink import Shrunk, shrink
from lrspec.verdict.files import write
from lrspec.verdict.results import read

FOLDER = resources.root() / "conformance" / "cases"


def main() -> None:
    """Write one file per backend, each atomically."""
    results = read(Path("reports/results.json"))
    runs = {run.id: run for run in plan(cases(), list(backends().values()))}
    shown = groups(results, "departs")
    names = {group.example.run: f"shrunk/{group.name}" for group in shown}
    with progress(len(shown)) as advance:
        shortest = shrink([(runs[g.example.run], g.example) for g in shown], advance=advance)
    shutil.rmtree(FOLDER / "shrunk", ignore_errors=True)
    for one in sorted(shortest, key=lambda one: names[one.original]):
        add("shrunk", one, names[one.original])


def add(folder: str, shrunk: Shrunk, name: str = "") -> None:
    """Add the run to the cases in *folder*; without a *name* it is numbered."""
    backend = shrunk.run.backend.name
    path = FOLDER / folder / f"{backend}.json"
    cases = resources.read_json(path)["cases"] if path.exists() else []
    cases.append(entry(name or f"{folder}/{backend}-{len(cases) + 1}", shrunk))
    lines = ",\n".join(f"    {json.dumps(case, ensure_ascii=False)}" for case in cases)
    schema = '"$schema": "../../../spec/schema/cases.schema.json"'
    head = f'{{\n  {schema},\n  "backend": "{backend}",\n  "cases": [\n'
    write(path, f"{head}{lines}\n  ]\n}}\n")


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
