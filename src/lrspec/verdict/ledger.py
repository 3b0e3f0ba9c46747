"""The ledger: divergences that are known, with what is known of them.

An entry holds for a range of versions of one backend, for some schedules (for all, if it names
none) in one argument form, for some scenarios or variants of them, and under a condition on the
parameters. A divergence that no entry expects is new, one that
an entry expects and that is not there is gone, one of another kind or first step has changed, and
an entry that no run meets is never met: each is red.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from lrspec import resources
from lrspec.scenario.scenario_id import ScenarioId, Selector
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.recipe import Recipe


@dataclass(frozen=True)
class Entry:
    """One known divergence.

    `pattern` is a part that the recipe must have; `{"any": […]}` in it stands for one of several.
    `link` is where it was reported, `page` the name of the page that would report it.
    """

    id: str
    backends: tuple[str, ...]
    versions: SpecifierSet
    schedules: tuple[str, ...]
    argument_form: str
    scenarios: tuple[Selector, ...]
    pattern: Mapping[str, Any]
    when: Formula | None
    kind: str
    first_step: Formula | None
    right: str = ""
    because: str = ""
    link: str | None = None
    page: str | None = None

    def holds_for(self, backend: str, version: str) -> bool:
        """Tell whether this entry speaks of such a version of such a backend."""
        return backend in self.backends and self.versions.contains(version, prereleases=True)

    def expects(
        self, backend: str, version: str, recipe: Recipe, argument_form: str, scenario: ScenarioId
    ) -> bool:
        """Tell whether this entry speaks of such a run."""
        if not self.holds_for(backend, version) or argument_form != self.argument_form:
            return False
        if self.schedules and recipe.kind not in self.schedules:
            return False
        if not any(selector.covers(scenario) for selector in self.scenarios):
            return False
        if not _within(self.pattern, recipe.to_dict()):
            return False
        return self.when is None or _holds(self.when, _names(recipe, scenario))

    def first(self, recipe: Recipe, scenario: ScenarioId) -> int | None:
        """Return the step at which the divergence must begin, None if the entry leaves it open."""
        if self.first_step is None:
            return None
        return int(value(self.first_step, _names(recipe, scenario)))


def _holds(condition: Formula, names: Mapping[str, Any]) -> bool:
    """Tell whether *condition* holds: one on a milestone does not where there is none."""
    try:
        return bool(value(condition, names))
    except IndexError:
        return False


def _names(recipe: Recipe, scenario: ScenarioId) -> dict[str, Any]:
    """Return what conditions read: parameters, the base rate, the scenario's step as `steps`."""
    base = recipe.bases[0]
    nested = {
        f"{name}_{inner}": found
        for name, member in recipe.given.items()
        if isinstance(member, Recipe)
        for inner, found in member.values(base).items()
    }
    return {**nested, **recipe.values(base), "base_lr": base, "steps": scenario.step or 0}


def _within(pattern: Any, document: Any) -> bool:
    """Tell whether *document* has the part *pattern*.

    `{"any": […]}` stands for one of several values, and null for none at all; of a list, `some`
    speaks of any item, `first` of the first, and `later` of any but the first.
    """
    match pattern:
        case {"any": values}:
            return document in values
        case Mapping() if isinstance(document, list):
            items = {"some": document, "first": document[:1], "later": document[1:]}
            return all(any(_within(p, d) for d in items[where]) for where, p in pattern.items())
        case Mapping():
            return isinstance(document, Mapping) and all(
                _within(part, document.get(name)) for name, part in pattern.items()
            )
        case list():
            return len(pattern) == len(document) and all(map(_within, pattern, document))
    return bool(pattern == document)


def _listed(found: str | Sequence[str]) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else tuple(found)


def load(path: Path) -> list[Entry]:
    """Return the entries in the file at *path*."""
    return [entry_of(entry) for entry in resources.read_json(path)["entries"]]


def entry_of(entry: Mapping[str, Any]) -> Entry:
    """Return an entry as the ledger's files have it."""
    return Entry(
        id=entry["id"],
        backends=tuple(entry["backends"]),
        versions=SpecifierSet(entry["versions"]),
        schedules=_listed(entry.get("schedule", ())),
        argument_form=entry.get("argument_form", "explicit"),
        scenarios=tuple(map(Selector.parse, entry["scenarios"])),
        pattern=entry.get("recipe", {}),
        when=parse(entry["when"]) if "when" in entry else None,
        kind=entry["kind"],
        first_step=parse(entry["first_step"]) if "first_step" in entry else None,
        right=entry["right"],
        because=entry["because"],
        link=entry["link"],
        page=entry.get("page"),
    )


@cache
def entries() -> tuple[Entry, ...]:
    """Return the whole ledger."""
    folder = resources.root() / "conformance" / "ledger"
    return tuple(entry for path in sorted(folder.glob("*.json")) for entry in load(path))


@dataclass(frozen=True)
class Run:
    """What the ledger is asked about: one run, its verdict, and the kinds it could not show."""

    backend: str
    version: str
    recipe: Recipe
    argument_form: str
    scenario: ScenarioId
    verdict: str
    kind: str
    first_step: float | None
    silent: tuple[str, ...] = ()


def known(run: Run, ledger: Iterable[Entry]) -> Entry | None:
    """Return the entry that speaks of *run*, the one with its kind first; None where none does."""
    speaking = _speaking(run, ledger)
    same = (entry for entry in speaking if entry.kind == run.kind)
    return next(same, speaking[0] if speaking else None)


def _speaking(run: Run, ledger: Iterable[Entry]) -> list[Entry]:
    asked = (run.backend, run.version, run.recipe, run.argument_form, run.scenario)
    return [entry for entry in ledger if entry.expects(*asked)]


def gone(run: Run, ledger: Iterable[Entry]) -> Entry | None:
    """Return the first entry that expects a divergence of *run*, which conforms; None if none."""
    if run.verdict != "conforms":
        return None
    return next((e for e in _speaking(run, ledger) if e.kind not in run.silent), None)


def objection(run: Run, ledger: Iterable[Entry]) -> str | None:
    """Return what is wrong with *run* by the ledger, and what to do; None if it is as expected."""
    if run.verdict == "unsupported":
        return None
    if run.verdict == "conforms":
        missing = gone(run, ledger)
        if missing is None:
            return None
        return f"gone: the ledger's {missing.id} is not there any more; narrow or remove it"
    entry = known(run, ledger)
    if entry is None:
        return "new: find out which side is right and write it into the ledger"
    if entry.kind != run.kind:
        return f"changed: {entry.id} expects {entry.kind!r}; find out why it is {run.kind!r} now"
    first = entry.first(run.recipe, run.scenario)
    if first is not None and first != run.first_step:
        return f"changed: {entry.id} expects step {first}; find out why it is {run.first_step} now"
    return None


def never_met(runs: Iterable[Run], ledger: Iterable[Entry]) -> list[str]:
    """Return the entries for the backends of *runs* that none of them meets."""
    asked = list(runs)
    present = {(run.backend, run.version) for run in asked}
    unmet = []
    for entry in ledger:
        here = any(entry.holds_for(backend, version) for backend, version in present)
        met = any(
            entry.kind == run.kind
            and entry.expects(run.backend, run.version, run.recipe, run.argument_form, run.scenario)
            for run in asked
        )
        if here and not met:
            unmet.append(entry.id)
    return unmet
