"""Planning: case × backend × argument form × scenario, its source text emitted, nothing run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lrspec.bindings.backend import Backend, Generated
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import Emitted, argument_forms, emit
from lrspec.errors import BadInput, Unsupported
from lrspec.scenario.builders import (
    LONGEST,
    SCENARIOS,
    alternately,
    expand,
    horizons,
    in_turn,
    is_scenario,
    kind_of,
)
from lrspec.scenario.scenario import Scenario, declared, selects, with_index, with_updates
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import PLAIN, Case


@dataclass(frozen=True)
class Run:
    """One case on one backend in one argument form and scenario.

    `emitted` is None where that is unsupported.

    `others` are the source texts of the schedulers that are built beside the first.
    """

    case: Case
    backend: Backend
    argument_form: str
    scenario: Scenario
    emitted: Emitted | None
    reason: str = ""
    others: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The name of the run, the same for ever."""
        argument_form = "" if self.argument_form == EXPLICIT else f":{self.argument_form}"
        return f"{self.case.id}-{self.backend.name}{argument_form}-{self.scenario.name}"

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
    one case a schedule and scenario. Raises `BadInput` for an unknown scenario, and for a recipe
    without finite rates: the whole reference is computed before anything is run.
    """
    for name in scenarios:
        if not is_scenario(name):
            raise BadInput("--scenario", name, f"one of {', '.join(_offered(name))}")
    runs: list[Run] = []
    for case in cases:
        if quick and not case.representative:
            continue
        wanted = _expanded(case, scenarios or case.scenarios, steps)
        if not misuse:
            wanted = [scenario for scenario in wanted if not scenario.misuse]
        try:
            for scenario in wanted:
                _ = scenario.expected
        except BadInput as error:
            raise error if error.file else error.in_file(case.id) from error
        for backend in backends:
            if case.backend not in (None, backend.name):
                continue
            runs.extend(_runs(case, backend, wanted, steps=steps, quick=quick))
    return runs


def _offered(name: str) -> list[str]:
    """Return the scenarios, or the variants of the one that *name* names another variant of."""
    kind = kind_of(name)
    if kind == name or kind not in SCENARIOS:
        return [*SCENARIOS]
    return [f"{kind}:{variant}" for variant in declared()[kind].get("variants", ())] or [kind]


def _expanded(case: Case, names: Sequence[str], steps: int | None) -> list[Scenario]:
    """Return the scenarios called *names*, over *steps* or over the case's own horizons.

    A name is that of a scenario, of one of its variants, as `jump:whole`, or of one of its runs.
    """
    counts = (steps,) if steps is not None else case.steps or horizons(case.recipe)
    found: list[Scenario] = []
    for name in names:
        wanted = counts if kind_of(name) in ("stepwise", "metrics") else counts[:1]
        for count in dict.fromkeys(wanted):
            found.extend(expand(case.recipe, name, count))
    if not case.others:
        return found
    recipes = (case.recipe, *case.others)
    beside = [in_turn(recipes, counts[0], counts[0]), alternately(recipes, counts[0])]
    return [
        *(scenario for scenario in found if scenario.variant != "alternately"),
        *(scenario for scenario in beside if any(selects(name, scenario.name) for name in names)),
    ]


def _runs(
    case: Case, backend: Backend, scenarios: list[Scenario], *, steps: int | None, quick: bool
) -> Iterator[Run]:
    brief = backend.mode.cases == "representative" and case.backend is None
    if brief and not case.representative:
        return
    asked = backend.mode.generated if case.generated else Generated()
    if case.number % asked.share:
        return
    kept = scenarios
    if quick or (brief and steps is None):
        kept = [scenario for scenario in _first_of_each(scenarios) if scenario.kind != "long"]
    if steps is None:  # a backend cuts the suite's horizons, never the user's
        longest = asked.longest or backend.mode.longest or LONGEST
        kept = list(
            {scenario.name: scenario for scenario in (_cut(d, longest) for d in kept)}.values()
        )
    if not backend.mode.reported:
        kept = [with_updates(scenario) for scenario in kept]
    writer = _Writer(case, backend)
    for argument_form in argument_forms(case.recipe, backend):
        plain = [scenario for scenario in _first_of_each(kept) if scenario.kind in PLAIN]
        if case.argument_form in (None, argument_form) and argument_form in (
            asked.argument_forms or (argument_form,)
        ):
            for scenario in kept if argument_form == EXPLICIT else plain:
                yield writer.run(argument_form, scenario)


def _first_of_each(scenarios: Iterable[Scenario]) -> list[Scenario]:
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        first.setdefault(scenario.kind, scenario)
    return list(first.values())


def _cut(scenario: Scenario, longest: int) -> Scenario:
    """Return a plain run of at most *longest* updates."""
    if scenario.kind not in ("stepwise", "groups") or len(scenario.t) <= longest:
        return scenario
    return expand(scenario.recipe, scenario.kind, longest)[0]


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
        if scenario.kind in emitted.unsupported_scenarios:
            reason = emitted.unsupported_scenarios[scenario.kind]
            return Run(self.case, self.backend, argument_form, scenario, None, reason)
        others = [self._source(recipe, EXPLICIT, resumable=False) for recipe in scenario.others]
        texts = tuple(other.text for other in others if isinstance(other, Emitted))
        if len(texts) < len(others):
            reason = next(other for other in others if isinstance(other, str))
            return Run(self.case, self.backend, argument_form, scenario, None, reason)
        return Run(self.case, self.backend, argument_form, scenario, emitted, "", texts)

    def _source(self, recipe: Recipe, argument_form: str, *, resumable: bool) -> Emitted | str:
        """Return the source of *recipe*, or why there is none."""
        key = (repr(recipe.to_dict()), argument_form, resumable)
        if key not in self._emitted:
            try:
                self._emitted[key] = emit(recipe, self.backend, argument_form, resumable=resumable)
            except Unsupported as reason:
                self._emitted[key] = str(reason)
        return self._emitted[key]
