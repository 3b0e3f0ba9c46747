"""A script that reproduces a departure: the emitted source and the steps of the worker's run."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from lrspec import resources
from lrspec.bindings.backend import Backend
from lrspec.scenario.actions import cut
from lrspec.scenario.scenario import Scenario

#: A row of a run: its index, its step, and the specified rates.
Row = tuple[int, float, Sequence[float]]
_SHOW = Template("""\
expected = {  # row: step, rates
$rows
}
observed = []


def show(rates):
    observed.append(rates)
    if len(observed) - 1 in expected:
        step, right = expected[len(observed) - 1]
        print(f"step {step}: {rates}, expected {right}", flush=True)""")


def reproducer(
    source: str,
    backend: Backend,
    scenario: Scenario,
    rows: Sequence[Row],
    others: Sequence[str] = (),
    of: str = "rate",
) -> str:
    """Return a script that runs up to the last of *rows* and prints each as observed and expected.

    *others* are the sources whose schedulers are built after the first, on the same optimizer.
    *of* is what the rows are of, `rate` or `momentum`.
    """
    templates = _templates(backend)
    bases = scenario.recipe.bases
    numbers = {
        "lr": _text(bases),
        "base": _text(bases[0]),
        "factors": _text([base / bases[0] for base in bases]),
        "shown": "lr" if of == "rate" else of,
    }
    updates = rows[-1][0] + 1
    actions = [a for a in cut(scenario.actions, updates) if a.rates or not a.advances]
    used = {verb for verb, _ in actions}
    functions = [
        Template("\n".join(lines)).substitute(numbers)
        for verb, lines in templates["functions"].items()
        if verb in used
    ]
    expected = [f"    {row}: ({_text(step)}, {_text(rates)})," for row, step, rates in rows]
    run = [
        Template(line).substitute(numbers, argument=_arguments(verb, argument))
        for verb, argument in actions
        for line in templates["actions"].get(f"{verb} {argument}") or templates["actions"][verb]
    ]
    sources = [source.strip()]
    calls = ["scheduler"]
    for index, other in enumerate(others, 1):
        sources.append(re.sub(r"\bbuild_scheduler\b", f"build_scheduler_{index}", other.strip()))
        calls.append(f"build_scheduler_{index}({backend.argument or ''})")
    if others:
        run.insert(0, f"schedulers = [{', '.join(calls)}]")
    return Template("\n".join(templates["script"]) + "\n").substitute(
        numbers,
        source="\n\n\n".join(sources),
        functions="\n\n\n".join([_SHOW.substitute(rows="\n".join(expected)), *functions]),
        run="\n".join(run),
    )


def _templates(backend: Backend) -> Mapping[str, Any]:
    """Return the templates of a script for *backend*, with those of the mode that it is like."""
    modes = resources.read_json(backend.folder / "reproducer.json")
    own = modes[backend.name]
    like = modes.get(own.get("like"), {})
    return {
        "script": own.get("script") or like["script"],
        "functions": {**like.get("functions", {}), **own.get("functions", {})},
        "actions": {**like.get("actions", {}), **own.get("actions", {})},
    }


def _arguments(verb: str, argument: Any) -> str:
    """Return the arguments of a call for *verb*."""
    if verb == "together":  # the script itself has the list of schedulers
        return _text(argument[0])
    return ", ".join(map(_text, argument)) if verb == "steps" else _text(argument)


def _text(argument: Any) -> str:
    """Return *argument* as Python source; Python has no literal for infinity and NaN."""
    if isinstance(argument, (list, tuple)):
        return f"[{', '.join(map(_text, argument))}]"
    if isinstance(argument, float) and not math.isfinite(argument):
        return f'float("{argument}")'
    return repr(argument)
