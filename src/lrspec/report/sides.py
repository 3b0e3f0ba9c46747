"""What each framework, and the specification, does with a schedule in each situation.

Every number is predicted by the framework's dialect; no framework is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from lrspec import resources
from lrspec.bindings.backend import Backend, backends
from lrspec.bindings.document import EXPLICIT
from lrspec.dialect.dialect import dialect_of
from lrspec.engine.closed_form import Rates
from lrspec.engine.horizon import end_of
from lrspec.scenario.builders import LONGEST, expand, horizons
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.scenario_id import Selector
from lrspec.spec import about
from lrspec.spec.recipe import Recipe, load
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import Case, cases
from lrspec.suite.findings import predicted
from lrspec.suite.plan import Run, plan

#: The specification, as one of the sides of a comparison.
SPECIFICATION = "specification"
#: What a training script does, in words: the check boxes of the page, in their order.
SITUATIONS = {
    "once": "train once",
    "resume": "resume from a checkpoint",
    "index": "resume with last_epoch",
    "groups": "several parameter groups",
    "past": "past the end",
    "get_lr": "log with get_lr()",
    "jump": "step(epoch)",
}
_SELECTORS = {
    "resume": "resume_state:right",
    "index": "resume_index:continues",
    "groups": "groups",
    "get_lr": "get_lr:called-twice",
    "jump": "jump:whole",
}


@dataclass(frozen=True)
class Subject:
    """What a user may move: a kind of schedule, by its example, or a published recipe."""

    id: str
    title: str
    recipe: Recipe
    published: bool

    @property
    def steps(self) -> tuple[int, int]:
        """The updates of an ordinary run, and of one past the schedule's end.

        An ordinary run is that of the publication, or else up to the schedule's end, or else a few
        cycles of an endless one; at most `LONGEST` updates.
        """
        end = end_of(self.recipe)
        once = about.run(self.recipe.about) or (end.step if end else 0) or horizons(self.recipe)[0]
        once = min(max(int(once), 1), LONGEST)
        return once, min(2 * once + 5, LONGEST)

    def horizon(self, situation: str) -> int:
        """Return the updates of a run in *situation*."""
        once, past = self.steps
        return past if situation == "past" else min(once + 2, LONGEST)

    def selector(self, situation: str) -> str:
        """Return the scenario of *situation*."""
        plain = "stepwise" if self.recipe.schedule.machine is None else "metrics"
        return _SELECTORS.get(situation, plain)


@dataclass(frozen=True)
class Outcome:
    """What one side does with a subject in one scenario: the predicted rates, and how they end.

    `error` is the exception that ends the run early, "" if none does. `departures` maps those that
    take part to the first row that they can change.
    """

    scenario: str
    t: Sequence[float]
    rates: Rates
    error: str = ""
    departures: Mapping[str, int] = field(default_factory=dict)

    def until(self, rows: int) -> Outcome:
        """Return the first *rows* updates."""
        if rows >= len(self.t):
            return self
        error = self.error if len(self.rates) < rows else ""
        return replace(self, t=self.t[:rows], rates=self.rates[:rows], error=error)


@dataclass(frozen=True)
class Side:
    """What one framework, or the specification, does with one subject in every situation.

    `unsupported` is the reason why the framework has no class for it, "" if it has one. `code` is
    the source of its own classes. `omitted` are the parameters that the shortest form of that
    source leaves to the framework's defaults, and `by_default` what it then does.
    """

    unsupported: str = ""
    code: str = ""
    precision: str = "float64"
    outcomes: Mapping[str, Sequence[Outcome]] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    by_default: Outcome | None = None

    @cached_property
    def plain(self) -> Outcome | None:
        """The undisturbed run past the schedule's end."""
        return next(iter(self.outcomes.get("past", ())), None)


def subjects() -> list[Subject]:
    """Return the published recipes, and the kinds of schedules, each by its example."""
    examples = {c.recipe.kind: c for c in cases() if c.id == f"{c.recipe.kind}/example"}
    kinds = [
        Subject(kind, kind.replace("_", " "), examples[kind].recipe, published=False)
        for kind in schedules()
    ]
    names = sorted(path.stem for path in (resources.root() / "spec" / "recipes").glob("*.json"))
    recipes = ((name, load(name)) for name in names)
    return kinds + [
        Subject(name, str((recipe.about or {}).get("title", name)), recipe, published=True)
        for name, recipe in recipes
    ]


def compared() -> list[Backend]:
    """Return the backends that are compared: modes that run every case, and have a dialect."""
    return [b for b in backends().values() if b.mode.cases == "all" and dialect_of(b)]


def specified(subject: Subject) -> Side:
    """Return what the specification expects of *subject*."""

    def outcomes(situation: str) -> list[Outcome]:
        selector = Selector.parse(subject.selector(situation))
        found = expand(subject.recipe, selector, subject.horizon(situation))
        return [Outcome(str(one.id), one.t.tolist(), one.expected) for one in found]

    return Side(outcomes=_by_situation(subject, outcomes))


def side(subject: Subject, backend: Backend) -> Side:
    """Return what *backend* does with *subject*."""
    past = _runs(subject, backend, "past")
    plain = next((run for run in past if run.argument_form == EXPLICIT), None)
    if plain is None or plain.emitted is None:
        return Side(unsupported=plain.reason if plain else "it is not run there")

    def outcomes(situation: str) -> list[Outcome]:
        runs = past if situation == "past" else _runs(subject, backend, situation)
        explicit = (run for run in runs if run.argument_form == EXPLICIT)
        return [_predicted(run) for run in explicit if run.emitted is not None]

    by_situation = _by_situation(subject, outcomes)
    explicit = Side("", plain.emitted.text, backend.precision, by_situation)
    shortest = next((r for r in past if r.argument_form != EXPLICIT and r.emitted), None)
    if shortest is None or shortest.emitted is None:
        return explicit
    omitted = tuple(sorted(shortest.emitted.framework_defaults))
    return replace(explicit, omitted=omitted, by_default=_predicted(shortest))


def _by_situation(
    subject: Subject, outcomes: Callable[[str], list[Outcome]]
) -> dict[str, list[Outcome]]:
    past = outcomes("past")
    once = [one.until(subject.steps[0]) for one in past]
    return {"once": once, "past": past, **{name: outcomes(name) for name in _SELECTORS}}


def _runs(subject: Subject, backend: Backend, situation: str) -> list[Run]:
    """Return the runs of *subject* in one situation, unsupported ones among them."""
    case = Case("page", "", subject.recipe)
    return plan([case], [backend], [subject.selector(situation)], subject.horizon(situation))


def _predicted(run: Run) -> Outcome:
    prediction = predicted(run)
    assert prediction is not None  # noqa: S101 - `compared` has backends with a dialect
    scenario: Scenario = run.scenario
    return Outcome(
        str(scenario.id),
        scenario.t.tolist(),
        prediction.rates,
        prediction.text,
        prediction.departures,
    )
