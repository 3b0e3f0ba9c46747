"""A script that reproduces a divergence: the emitted source and the steps of the worker's run."""

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


_SHOW = (
    "seen = []",
    "",
    "",
    "def show(rates):",
    "    seen.append(rates)",
    "    if len(seen) - 1 in expected:",
    "        step, right = expected[len(seen) - 1]",
    '        print(f"step {step}: {rates}, expected {right}", flush=True)',
)


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
    *of* is what the rows hold, `rate` or `momentum`.
    """
    updates = rows[-1][0] + 1
    words = _words(backend)
    bases = scenario.recipe.bases
    factors = [base / bases[0] for base in bases]
    numbers = {"lr": _text(bases), "base": _text(bases[0]), "factors": _text(factors)}
    numbers["shown"] = "lr" if of == "rate" else of
    actions = [a for a in cut(scenario.actions, updates) if a.rates or not a.advances]
    used = dict.fromkeys(verb for verb, _ in actions)
    functions = [lines for verb, lines in words["functions"].items() if verb in used]
    run = [
        Template(line).substitute(numbers, argument=_arguments(verb, argument))
        for verb, argument in actions
        for line in words["actions"].get(f"{verb} {argument}") or words["actions"][verb]
    ]
    return Template(_lines(words["script"]) + "\n").substitute(
        source="\n\n\n".join([source.strip(), *_renamed(others)]),
        functions="\n\n\n".join(
            [_showing(rows), Template("\n\n\n".join(map(_lines, functions))).substitute(numbers)]
        ),
        run=_lines([*_beside(others, backend), *run]),
        **numbers,
    )


def _showing(rows: Sequence[Row]) -> str:
    """Return the lines of a function that prints each row beside the expected one."""
    lines = [f"    {row}: ({_text(step)}, {_text(rates)})," for row, step, rates in rows]
    return _lines(["expected = {  # row: step, rates", *lines, "}", *_SHOW])


def _words(backend: Backend) -> Mapping[str, Any]:
    """Return the templates of a script for *backend*."""
    modes = resources.read_json(backend.folder / "reproducer.json")
    own = modes[backend.name]
    like = modes.get(own.get("like"), {})
    return {
        "script": own.get("script") or like["script"],
        "functions": {**like.get("functions", {}), **own.get("functions", {})},
        "actions": {**like.get("actions", {}), **own.get("actions", {})},
    }


def _renamed(others: Sequence[str]) -> list[str]:
    """Return the sources of all schedulers but the first, with numbered function names."""
    return [
        re.sub(r"\bbuild_scheduler\b", f"build_scheduler_{index}", source.strip())
        for index, source in enumerate(others, 1)
    ]


def _beside(others: Sequence[str], backend: Backend) -> list[str]:
    """Return the line that builds the other schedulers, if there are any."""
    argument = backend.argument or ""
    calls = [f"build_scheduler_{index}({argument})" for index, _ in enumerate(others, 1)]
    return [f"schedulers = [scheduler, {', '.join(calls)}]"] if calls else []


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(lines)


def _arguments(verb: str, argument: Any) -> str:
    """Return the arguments of a call for *verb*."""
    if verb == "together":  # the script knows how many schedulers it has
        return _text(argument[0])
    return ", ".join(map(_text, argument)) if verb == "steps" else _text(argument)


def _text(argument: Any) -> str:
    """Return *argument* as Python source; Python has no literal for infinity and NaN."""
    if isinstance(argument, (list, tuple)):
        return f"[{', '.join(map(_text, argument))}]"
    if isinstance(argument, float) and not math.isfinite(argument):
        return f'float("{argument}")'
    return repr(argument)
