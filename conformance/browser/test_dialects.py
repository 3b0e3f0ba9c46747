"""The page steps each framework's schedulers as its dialect predicts, and as its runs were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np
import pytest
from in_browser import call
from playwright.sync_api import Page
from recordings import observations, runs

from lrspec.bindings.backend import Backend, backends
from lrspec.bindings.writing import write
from lrspec.dialect.prediction import Prediction, predict
from lrspec.engine.landmarks import span
from lrspec.engine.state_machine import metric_at
from lrspec.errors import BadInput, Unsupported
from lrspec.report.payload import models
from lrspec.report.sides import compared
from lrspec.scenario.actions import Action
from lrspec.spec.per_group import of_group
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.tolerance import tolerance_of
from lrspec.suite.cases import cases
from lrspec.suite.random_recipes import draw
from lrspec.verdict.compare import compare, largest_rate

RANDOM = 400
#: Relative to the peak: the browser's cosine, exponential and power are not the C library's.
ROUNDING = 4e-15
RUN = """given[2].map(([mode, recipe, steps]) => {
    try {
        const run = new m.Run(given[1], mode, recipe);
        run.advance(steps);
        return { rates: run.rates, error: run.error, departures: run.departures };
    } catch (error) { return { unsupported: error.message }; }
})"""


def whole(value: Any) -> Any:
    """Return *value* as JavaScript reads it: a number has one type, and 4.0 is 4."""
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def first_group(recipe: Recipe) -> Recipe | None:
    """Return the recipe of the first group, in whole numbers, None if it is none."""
    document = whole(of_group(recipe, 0, recipe.bases[0]).to_dict())
    try:
        return from_dict({k: v for k, v in document.items() if k not in ("about", "dialect")})
    except BadInput:
        return None


def predicted(recipe: Recipe, backend: Backend, steps: int) -> Prediction | str:
    """Return the prediction of a plain run, or the reason why the framework has no class."""
    try:
        tree = write(recipe, backend).call
    except Unsupported as reason:
        return str(reason)
    actions = [Action("updates", steps)]
    if recipe.schedule.machine is not None:
        actions = [Action("metrics", tuple(metric_at(recipe, step) for step in range(steps)))]
    prediction = predict(backend, [tree], recipe.bases, actions)
    assert prediction is not None
    return prediction


def objection(found: Mapping[str, Any], expected: Prediction | str, steps: int) -> str:
    """Return how the page's run is not the prediction, "" if it is."""
    if isinstance(expected, str) or "unsupported" in found:
        return "" if found.get("unsupported") == expected else f"{found} is not {expected}"
    rates, wanted = np.array(found["rates"], dtype=float), expected.rates[:, 0]
    if len(rates) != len(wanted):
        return f"{len(rates)} rates, not {len(wanted)}"
    ends = len(wanted) < steps
    kind = expected.text.partition(":")[0] or "Abort"
    if ends and found["error"].partition(":")[0] != kind:
        return f"{found['error']} is not {expected.text}"
    if found["departures"].keys() != expected.departures.keys():
        return f"{found['departures']} are not {expected.departures}"
    with np.errstate(invalid="ignore"):
        error = np.where(rates == wanted, 0.0, np.abs(rates - wanted))
    peak = np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0) or 1.0
    error[np.isnan(rates) & np.isnan(wanted)] = 0.0
    return "" if error.max(initial=0.0) <= ROUNDING * peak else f"off by {error.max()}"


def test_every_framework_is_stepped_as_its_dialect_predicts(blank: Page):
    rng = Random(15)
    drawn = {f"random {index}": draw(rng) for index in range(RANDOM)}
    recipes = {case.id: case.recipe for case in cases()} | drawn
    reduced = {name: one for name, r in recipes.items() if (one := first_group(r)) is not None}
    assert len(reduced) > 0.9 * len(recipes)
    steps = {name: min(2 * span(recipe) + 5, 200) for name, recipe in reduced.items()}
    given = [(b, name) for b in compared() for name in reduced]
    documents = [[b.name, reduced[name].to_dict(), steps[name]] for b, name in given]
    found = call(blank, "dialect", RUN, None, models(), documents)
    objections = {
        f"{backend.name} {name}": why
        for (backend, name), run in zip(given, found, strict=True)
        if (why := objection(run, predicted(reduced[name], backend, steps[name]), steps[name]))
    }
    assert objections == {}
    stepped = [run for run in found if len(run.get("rates", ())) > 1]
    assert len(stepped) > len(found) / 3


@pytest.mark.parametrize("mode", [backend.name for backend in backends().values()])
def test_a_plain_run_has_the_rates_that_were_recorded(blank: Page, mode: str):
    backend = backends()[mode]
    recorded = observations(mode)
    plain = [
        run
        for run in runs(mode)
        if run.scenario.id.name in ("stepwise", "metrics")
        and run.argument_form == "explicit"
        and recorded[run.id].status == "trace"
    ]
    assert len({run.case.recipe.kind for run in plain}) >= 12
    plain = [run for run in plain if whole(run.case.recipe.to_dict()) == run.case.recipe.to_dict()]
    side = mode if mode in models()["backends"] else backend.framework
    given = [[side, run.case.recipe.to_dict(), len(run.scenario.t)] for run in plain]
    for run, found in zip(plain, call(blank, "dialect", RUN, None, models(), given), strict=True):
        observed = recorded[run.id]
        rates = observed.applied if observed.reported is None else observed.reported
        assert len(found["rates"]) == len(rates), run.id
        column = np.array(found["rates"])[:, None]
        largest = largest_rate(run.case.recipe)
        tolerance = tolerance_of(backend.precision)
        difference = compare(np.asarray(rates)[:, :1], column, tolerance, largest)
        assert difference.kind in ("exact", "rounding"), run.id


def test_two_curves_are_compared_as_on_the_command_line(blank: Page):
    rng = np.random.default_rng(3)
    pairs = []
    for _ in range(200):
        a = np.abs(rng.normal(size=30)).cumsum() * 10.0 ** rng.integers(-6, 2)
        b = a + a * rng.choice([0, 0, 1e-16, 1e-12, 1e-9, 1e-3], size=30)
        pairs.append((a, b, rng.choice(["float32", "float64"]), float(rng.choice([a.max(), 1.0]))))
    tolerances = models()["tolerances"]
    script = """given[0].map(([a, b, precision, largest]) =>
        m.compare({ rates: a }, { rates: b }, given[1], precision, largest))"""
    found = call(
        blank,
        "compare",
        script,
        [[a.tolist(), b.tolist(), str(p), largest] for a, b, p, largest in pairs],
        tolerances,
    )
    for (a, b, precision, largest), one in zip(pairs, found, strict=True):
        wanted = compare(a[:, None], b[:, None], tolerance_of(str(precision)), largest)
        assert (one["first"], one["count"]) == (wanted.first, wanted.count)
        assert one["size"] == wanted.max_rel
