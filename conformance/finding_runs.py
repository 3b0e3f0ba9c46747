"""The runs behind the numbers of a page under reports/findings/, without the framework.

A page declares them as JSON in a comment, `<!-- lrspec: [{"recipe": …, "actions": …}] -->`. In this
order they give the lines of the script's output that show a rate: `seen` is predicted by the
framework's dialect, `expected` is computed by the engine.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

import msgspec
from finding_pages import Page

from lrspec.bindings.backend import Backend, backend_of
from lrspec.codegen.emit import emit
from lrspec.dialect.prediction import Prediction, predict
from lrspec.report.upstream import rounds_to
from lrspec.scenario.scenario import ActionList, Scenario, with_index
from lrspec.scenario.simulation import CLOSED, simulate
from lrspec.spec import recipe as recipes

#: Actions after which the specified rates are still those of the recipe.
_Verb = Literal["updates", "jump", "resume", "resume_index", "add_group"]
_NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?")
_LINE = re.compile(r"^(.*)\bseen +(\S+) +expected +(\S+)", re.MULTILINE)
#: What a script prints where the framework ends the process.
_CRASH = "SIGABRT"


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A run of a page.

    `actions` are pairs of a verb and its argument. The output shows the rates `rows`, by default
    all, of parameter group `group`: as the scheduler reports them or, with `applied`, as the
    optimizer applies them. `backend` is by default the framework's first one. If `correct` is true,
    the scheduler follows the specification, and `seen` is not its rate (but, for example, the one
    in its documentation), so that only the script shows it.
    """

    recipe: dict[str, Any]
    actions: tuple[tuple[_Verb, Any], ...]
    backend: str | None = None
    rows: tuple[int, ...] | None = None
    group: int = 0
    applied: bool = False
    correct: bool = False

    def scenario(self) -> Scenario:
        """Return the run as a scenario."""
        built = ActionList(recipes.from_dict(self.recipe))
        resumed = False
        for verb, argument in self.actions:
            resumed = resumed or verb == "resume_index"
            if verb == "updates":  # with metrics, where the recipe has them
                built.updates(argument)
            else:
                built.then(verb, argument, argument if verb == "jump" else None)
        return built.scenario("stepwise", index=0 if resumed else None)


class Line(msgspec.Struct, frozen=True):
    """One line of a page's output: what it is about, and its two numbers as they are printed."""

    label: str
    seen: str
    expected: str


def lines(text: str) -> list[Line]:
    """Return the lines of an output that show a rate."""
    return [Line(*(part.strip() for part in match.groups())) for match in _LINE.finditer(text)]


def declarations(page: Page) -> tuple[Declaration, ...]:
    """Return the runs that *page* declares; raises `ValidationError` for an invalid one."""
    return msgspec.json.decode(page.runs or "[]", type=tuple[Declaration, ...])


class Number(msgspec.Struct, frozen=True):
    """One row of a run: the predicted rate, and the specified one.

    `seen` is the name of the error if one is predicted before the row, and None after it.
    """

    seen: float | str | None
    expected: float
    correct: bool


def numbers(page: Page) -> list[Number]:
    """Return the numbers of the runs of *page*, one for each declared row."""
    return [number for run in declarations(page) for number in _numbers(run, page)]


def _numbers(run: Declaration, page: Page) -> list[Number]:
    scenario = run.scenario()
    backend = backend_of(run.backend) if run.backend else page.backend
    prediction = _prediction(scenario, backend, applied=run.applied)
    specified = scenario.expected if run.group == 0 else simulate(scenario, CLOSED)
    rows = range(len(specified)) if run.rows is None else run.rows
    found: list[Number] = []
    for row in rows:
        ended = any(not isinstance(number.seen, float) for number in found)
        seen = None if ended else _seen(prediction, row, run.group)
        found.append(Number(seen, float(specified[row, run.group]), run.correct))
    return found


def _prediction(scenario: Scenario, backend: Backend, *, applied: bool) -> Prediction:
    index = backend.resume_index
    tree = emit(scenario.recipe, backend, resumable=scenario.index is not None).tree
    followed = with_index(scenario, index.continues.after) if index is not None else scenario
    assert tree is not None
    prediction = predict(backend, [tree], scenario.recipe.bases, followed.actions)
    assert prediction is not None
    return replace(prediction, reported=None) if applied else prediction


def _seen(prediction: Prediction, row: int, group: int) -> float | str:
    """Return the predicted rate of a row, or the error that ends the run before it."""
    if row < len(prediction.rates):
        return float(prediction.rates[row, group])
    return _CRASH if prediction.error is None else prediction.error.type


def agrees(printed: str, number: float | str | None) -> bool:
    """Return whether *printed* is *number* to half a unit of its last digit, or this name."""
    if isinstance(number, float) and _NUMBER.fullmatch(printed):
        return rounds_to(number, printed)
    return printed == number
