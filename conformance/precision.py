"""Measure the errors of the engine and of each framework against exact rates: nox -s precision.

Each recipe of `precision.json` is run for a million steps in each framework that has its class, and
its rates are compared with those of `spec/checks/oracle.py`. The results are stored in the same
file, and `docs/precision.md` is written from it.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrspec import resources
from lrspec.bindings.backend import Backend, frameworks
from lrspec.codegen.emit import emit
from lrspec.engine.closed_form import at
from lrspec.errors import Unsupported
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import from_answer
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import schedules
from lrspec.spec.tolerance import tolerance_of

sys.path.insert(0, str(resources.root() / "spec" / "checks"))

import accuracy
import oracle

DATA = Path(__file__).with_suffix(".json")
PAGE = resources.root() / "docs" / "precision.md"
#: All of the first steps are compared, and every `STRIDE`-th of the others.
DENSE, STRIDE, STEPS = 1000, 999, 1_000_000
#: Errors in ULP are measured for rates of at least this fraction of the peak.
LARGE = 1e-3
_DEADLINE = 600.0  # seconds per recipe, and 2 ms per step
ENGINE = "lrspec"
_INTRODUCTION = """# Precision

The exact rate of a step is the value of the schedule for the recipe's numbers, which are doubles. The
rates of the engine are compared with those of an oracle, which computes with fifty digits and shares
no code with the engine.

## The engine

- A single step, `s(t)`, is computed in decimal arithmetic and rounded once. It is half a unit in the
  last place (ULP) from the exact rate at most; a product of more than 10,000 factors is computed as in
  an array.
- An array of steps, `s([0, 1, 2])` and `s.trace(n)`, is computed in double precision. The error of a rate
  is at most its bound, `accuracy` in `spec/schedules/`: units in its last place, or a fraction of the
  largest rate, whichever is larger. The errors of the members of a chain add up.
- A trace of more than 512 steps is computed by pieces, from tables ([Speed](speed.md)). The tests of such
  traces allow 2 ULP or 4e-16 of the largest rate, whichever is larger. Its last bits may differ from those
  of an array of the same steps.
- A condition, `floor`, `//` and `%` see doubles. Exactly, ten times the double 0.7 is less than 7; here
  and in every framework it is 7.

The largest errors on {recipes:,} random recipes and {rates:,} rates, at steps up to 2^53, with NumPy {numpy}
(`python spec/checks/accuracy.py`):
"""
_FRAMEWORKS = """
## The frameworks

The largest error in the first {dense:,} steps, in ULP, of rates of at least {large:g} of the peak. Closer
to zero an error in ULP says little: 1 + cos x is near 0 there, and its rounding error is not. An empty
cell: the framework has no such class, or its class takes too long (Paddle's MultiplicativeDecay multiplies
all factors again in each step). `departs`: it has another schedule there (`lrspec list SCHEDULE`).
lrspec's column is an array of steps. The recipes are in `conformance/precision.json` (`nox -s precision`).
"""
_DRIFT = """
The largest error over {steps:,} steps, as a fraction of the peak. PyTorch computes most of its rates from
the rate before, and Paddle some; their rounding errors add up.
"""

Rates = NDArray[np.float64]


def steps() -> list[int]:
    """Return the steps whose rates are compared."""
    return [*range(DENSE), *range(DENSE, STEPS, STRIDE)]


def measured(rates: Rates, exact: list[Any]) -> dict[str, float | None]:
    """Return the largest errors: in ULP in the first steps, and as a fraction of the peak in all.

    They are None for rates that diverge in the first steps: those of another schedule.
    """
    peak = float(max(map(abs, exact)))
    errors = np.array([float(abs(rate - x)) for rate, x in zip(rates.tolist(), exact, strict=True)])
    units = np.array([math.ulp(float(x)) for x in exact])
    large = np.array([abs(x) >= LARGE * peak for x in exact])
    ulps = np.where(large, errors / units, 0.0)
    if (errors[:DENSE] > tolerance_of("float64").divergence * peak).any():
        return {"ulp": None, "drift": None}
    return {"ulp": float(ulps[:DENSE].max()), "drift": float(errors.max() / peak)}


def of_engine(recipe: Recipe) -> Rates:
    """Return the rates that the engine computes as an array."""
    return at(recipe, steps())[:, 0]


def of_framework(worker: Worker, recipe: Recipe) -> Rates | str:
    """Return the rates that a framework's own class uses, or why there are none."""
    try:
        source = emit(recipe, worker.backend).text
    except Unsupported as reason:
        return str(reason)
    dense = Action("steps", (DENSE, 1))
    sparse = Action("steps", (len(range(DENSE, STEPS, STRIDE)) * STRIDE, STRIDE))
    answer = from_answer(worker.ask(Question(source, recipe.bases, (dense, sparse))))
    if answer.reported is None or len(answer.reported) != len(steps()):
        return f"{answer.status} {answer.reason}{answer.error or ''}"
    return answer.reported[:, 0]


def measure(
    recipes: Mapping[str, Recipe], unmeasured: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return the errors of the engine and of each framework, by recipe, and the versions.

    *unmeasured* gives the reasons why a recipe is not run in a framework.
    """
    exact = {n: [oracle.rate(r.to_dict(), t) for t in steps()] for n, r in recipes.items()}
    errors: dict[str, dict[str, Any]] = {
        name: {ENGINE: measured(of_engine(recipe), exact[name])} for name, recipe in recipes.items()
    }
    versions: dict[str, str] = {}

    def run(backend: Backend) -> None:
        path, _ = interpreter(backend, {})
        with Worker(backend, path, _DEADLINE) as worker:
            versions[backend.title] = worker.version()
            for name, recipe in recipes.items():
                without = unmeasured.get(name, {}).get(backend.title)
                rates = without or of_framework(worker, recipe)
                absent = {"reason": rates} if isinstance(rates, str) else None
                errors[name][backend.title] = absent or measured(rates, exact[name])
                sys.stderr.write(f"{backend.name}: {name}\n")

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, frameworks().values()))
    return {"versions": dict(sorted(versions.items())), "errors": errors}


def page(data: Mapping[str, Any], of_recipes: Mapping[str, Any]) -> str:
    """Return the text of docs/precision.md."""
    columns = [ENGINE, *data["versions"]]
    titles = [ENGINE, *(f"{name} {version}" for name, version in data["versions"].items())]
    parts = [
        _INTRODUCTION.format(
            recipes=sum(entry["recipes"] for entry in of_recipes["errors"].values()),
            rates=sum(entry["rates"] for entry in of_recipes["errors"].values()),
            numpy=of_recipes["numpy"],
        ),
        _table(
            ["schedule", "one step, ULP", "array, ULP or", "of the largest rate", "bound"],
            (_accuracy(kind, entry) for kind, entry in of_recipes["errors"].items()),
        ),
        _FRAMEWORKS.format(dense=DENSE, large=LARGE),
        _table(
            ["schedule", *titles], (_row(n, e, columns, "ulp") for n, e in data["errors"].items())
        ),
        _DRIFT.format(steps=STEPS),
        _table(
            ["schedule", *titles], (_row(n, e, columns, "drift") for n, e in data["errors"].items())
        ),
    ]
    return "\n".join(parts)


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _accuracy(kind: str, entry: Mapping[str, Any]) -> list[str]:
    bound = schedules()[kind].document.get("accuracy")
    units = {
        "ulp": "{:g} ULP",
        "ulp_per_step": "{:g} ULP per step",
        "of_peak": "{:g} of the largest",
    }
    words = [units[name].format(value) for name, value in (bound or {}).items()]
    largest = [f"{entry[name]:.2g}" for name in ("single", "ulp", "of_peak")]
    return [f"`{kind}`", *largest, " or ".join(words) or "that of its members"]


def _row(name: str, errors: Mapping[str, Any], columns: list[str], of: str) -> list[str]:
    return [f"`{name}`", *(_cell(errors[column], of) for column in columns)]


def _cell(errors: Mapping[str, Any], of: str) -> str:
    if "reason" in errors:
        return ""
    return "departs" if errors[of] is None else f"{errors[of]:.2g}"


def main() -> None:
    """Measure, unless only the page is to be written again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help="schedules to measure again, by default all")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    data = resources.read_json(DATA)
    if not options.page:
        recipes = {entry["schedule"]: from_dict(entry) for entry in data["recipes"]}
        errors = {kind: {} for kind in recipes} | data.get("errors", {})
        chosen = {kind: recipes[kind] for kind in options.kinds or recipes}
        result = measure(chosen, data["unmeasured"])
        data |= {"versions": result["versions"], "errors": errors | result["errors"]}
        DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(data, resources.read_json(accuracy.DATA)), encoding="utf-8")


if __name__ == "__main__":
    main()
