"""Planning: case × backend × argument form × scenario, each with its source text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lrspec.bindings.backend import Backend, Generated
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import Emitted, argument_forms, emit
from lrspec.errors import BadInput, Unsupported
from lrspec.runtime.run_id import RunId
from lrspec.scenario.builders import LONGEST, alternately, expand, horizons, in_turn
from lrspec.scenario.own_run import longest_run, own_run, run_length
from lrspec.scenario.scenario import Scenario, with_index, with_updates
from lrspec.scenario.scenario_id import Selector
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import PLAIN, Case

_PLAIN = {selector.name for selector in PLAIN}


@dataclass(frozen=True)
class Run:
    """One case on one backend in one argument form and scenario.

    `emitted` is None where that is unsupported, for the `reason` given. `others` are the sources
    of the schedulers that are built beside the first.
    """

    case: Case
    backend: Backend
    argument_form: str
    scenario: Scenario
    emitted: Emitted | None
    reason: str = ""
    others: tuple[Emitted, ...] = ()

    @property
    def id(self) -> RunId:
        """The identity of the run, which is permanent."""
        return RunId(self.case.id, self.backend.name, self.argument_form, self.scenario.id)

    def of(self, version: str | None) -> Run:
        """Return the same run in *version* of its framework, None where that is absent."""
        backend = self.backend
        return (
            self if version is None else replace(self, backend=backend.of(version, backend.graft))
        )

    @property
    def other_texts(self) -> tuple[str, ...]:
        """The source texts of the other schedulers."""
        return tuple(other.text for other in self.others)

    @property
    def followed(self) -> Scenario:
        """The scenario with its indices in the backend's own counting, as a worker follows it."""
        resume_index = self.backend.resume_index
        if self.scenario.index is None or resume_index is None:
            return self.scenario
        return with_index(self.scenario, resume_index.continues.after)


def plan(
    cases: Iterable[Case],
    backends: Sequence[Backend],
    scenarios: Sequence[str] = (),
    steps: int | None = None,
    *,
    misuse: bool = True,
    quick: bool = False,
) -> list[Run]:
    """Return the runs of *cases* on *backends* in *scenarios* (by default in each case's own).

    Without *misuse*, what people do although it cannot work everywhere is left out; *quick* keeps
    one case per schedule and scenario. Raises `BadInput` for an unknown scenario, and for a recipe
    without finite rates: the whole specification is computed before anything is run.
    """
    selectors = parsed(scenarios)
    runs: list[Run] = []
    for case in cases:
        if quick and not case.representative:
            continue
        expanded = _expanded(case, selectors or case.scenarios, steps)
        if not misuse:
            expanded = [scenario for scenario in expanded if not scenario.id.misuse]
        try:
            for scenario in expanded:
                _ = scenario.expected
        except BadInput as error:
            raise error if error.file else error.in_file(case.id) from error
        for backend in backends:
            if case.backend in (None, backend.name):
                runs.extend(_runs(case, backend, expanded, steps=steps, quick=quick))
    return runs


def parsed(scenarios: Iterable[str]) -> tuple[Selector, ...]:
    """Return the selectors that `--scenario` gives; raises `BadInput`, which lists the offered."""
    return tuple(Selector.parse(text, "--scenario") for text in scenarios)


def _expanded(case: Case, selectors: Sequence[Selector], steps: int | None) -> list[Scenario]:
    """Return the selected scenarios, over *steps* or over the case's own horizons."""
    counts = (steps,) if steps is not None else case.steps or horizons(case.recipe)
    scenarios: list[Scenario] = []
    for selector in selectors:
        every = counts if selector.name in ("stepwise", "metrics") else counts[:1]
        for count in dict.fromkeys(every):
            scenarios += expand(case.recipe, selector, count)
    if case.own:
        scenarios += _own_long_run(case, selectors, scenarios, steps)
    if not case.others:
        return scenarios
    recipes = (case.recipe, *case.others)
    beside = [in_turn(recipes, counts[0], counts[0]), alternately(recipes, counts[0])]
    return [
        *(scenario for scenario in scenarios if scenario.id.variant != "alternately"),
        *(one for one in beside if any(selector.selects(one.id) for selector in selectors)),
    ]


def _own_long_run(
    case: Case, selectors: Sequence[Selector], planned: Sequence[Scenario], steps: int | None
) -> list[Scenario]:
    """Return the run that a user's recipe is for, if it is longer than the planned ones."""
    length = run_length(case.recipe, longest=longest_run(case.recipe))
    own = own_run(case.recipe, length.steps)
    plain = steps is None and any(str(selector) == "stepwise" for selector in selectors)
    wanted = plain or any(selector.covers(own.id) for selector in selectors)
    known = {scenario.id for scenario in planned}
    return [own] if wanted and own.id.name == "long" and own.id not in known else []


def _runs(
    case: Case, backend: Backend, scenarios: list[Scenario], *, steps: int | None, quick: bool
) -> Iterator[Run]:
    brief = backend.mode.cases == "representative" and case.backend is None
    if brief and not case.representative:
        return
    generated = backend.mode.generated if case.generated else Generated()
    if case.number % generated.share:
        return
    if quick or (brief and steps is None):
        scenarios = [s for s in _first_of_each(scenarios) if s.id.name != "long"]
    if steps is None:  # a backend cuts the suite's horizons, never the user's
        longest = generated.longest or backend.mode.longest or LONGEST
        shortened = (_cut(scenario, longest) for scenario in scenarios)
        scenarios = list({scenario.id: scenario for scenario in shortened}.values())
    if not backend.mode.reported:
        scenarios = [with_updates(scenario) for scenario in scenarios]
    plain = [scenario for scenario in _first_of_each(scenarios) if scenario.id.name in _PLAIN]
    writer = _Writer(case, backend)
    for form in argument_forms(case.recipe, backend):
        if case.argument_form in (None, form) and form in (generated.argument_forms or (form,)):
            for scenario in scenarios if form == EXPLICIT else plain:
                yield writer.run(form, scenario)


def _first_of_each(scenarios: Iterable[Scenario]) -> list[Scenario]:
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        first.setdefault(scenario.id.name, scenario)
    return list(first.values())


def _cut(scenario: Scenario, longest: int) -> Scenario:
    """Return a plain run of at most *longest* updates."""
    if scenario.id.name not in ("stepwise", "groups") or len(scenario.t) <= longest:
        return scenario
    return expand(scenario.recipe, scenario.id.selector, longest)[0]


class _Writer:
    """Emits the sources of one case on one backend, each once."""

    def __init__(self, case: Case, backend: Backend) -> None:
        self.case, self.backend = case, backend
        self._emitted: dict[tuple[str, str, bool], Emitted | str] = {}

    def run(self, argument_form: str, scenario: Scenario) -> Run:
        """Return the run of *scenario* in *argument_form*."""
        emitted = self._source(scenario.recipe, argument_form, resumable=scenario.index is not None)
        if isinstance(emitted, str):
            return Run(self.case, self.backend, argument_form, scenario, None, emitted)
        if scenario.id.name in emitted.unsupported_scenarios:
            reason = emitted.unsupported_scenarios[scenario.id.name]
            return Run(self.case, self.backend, argument_form, scenario, None, reason)
        others = [self._source(recipe, EXPLICIT, resumable=False) for recipe in scenario.others]
        sources = tuple(other for other in others if isinstance(other, Emitted))
        if len(sources) < len(others):
            reason = next(other for other in others if isinstance(other, str))
            return Run(self.case, self.backend, argument_form, scenario, None, reason)
        return Run(self.case, self.backend, argument_form, scenario, emitted, "", sources)

    def _source(self, recipe: Recipe, argument_form: str, *, resumable: bool) -> Emitted | str:
        """Return the source of *recipe*, or why there is none."""
        key = (repr(recipe.to_dict()), argument_form, resumable)
        if key not in self._emitted:
            try:
                self._emitted[key] = emit(recipe, self.backend, argument_form, resumable=resumable)
            except Unsupported as reason:
                self._emitted[key] = str(reason)
        return self._emitted[key]
