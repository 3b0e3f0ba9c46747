"""What changes between releases of a framework: predictions of its dialects, without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from packaging.version import Version

from lrspec.bindings.backend import Backend
from lrspec.dialect.prediction import Prediction
from lrspec.errors import BadInput
from lrspec.json_input import read_document
from lrspec.runtime.grafts import release_like, releases
from lrspec.suite.cases import Case, cases
from lrspec.suite.findings import predicted
from lrspec.suite.plan import Run, plan

_SHOWN = 3  # steps, from the first that differs


@dataclass(frozen=True)
class Side:
    """What a run does in one release: the *rates* from the first step that changes, one row each.

    `error` is what it raises after them, "" if it goes on.
    """

    version: str
    rates: Sequence[Sequence[float]]
    error: str

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {"version": self.version, "rates": [*map(list, self.rates)], "error": self.error}


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a framework changed in the release *since*, in which classes (`*`: all of them).

    `do` is the advice, `link` the pull request, or a report that names it.
    """

    since: str
    classes: tuple[str, ...]
    change: str
    do: str
    link: str

    def explains(self, change: Change) -> bool:
        """Return whether *change* happened in this release, in one of these classes."""
        same = Version(self.since).release[:2] == Version(change.after.version).release[:2]
        return same and ("*" in self.classes or not {*self.classes}.isdisjoint(change.classes))


@dataclass(frozen=True)
class Change:
    """A change of what a run does, from a release to the next; *step* is the first that changes."""

    run: Run
    step: float
    before: Side
    after: Side

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the framework that the run builds, the outermost first."""
        emitted = self.run.emitted
        assert emitted is not None  # noqa: S101 - it is predicted
        assert emitted.tree is not None  # noqa: S101
        outermost = emitted.tree.name
        return (outermost, *(name for name in emitted.classes if name != outermost))


@dataclass(frozen=True)
class Changes:
    """Changes of the same kind: the shortest *example*, the scenarios and the number of runs.

    They are those of one release and one outermost class, which end alike: with a rate or an error.
    `notes` are what the framework changed there.
    """

    example: Change
    scenarios: tuple[str, ...]
    runs: int
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        example = self.example
        return {
            "release": example.after.version,
            "class": example.classes[0],
            "scenarios": [*self.scenarios],
            "runs": self.runs,
            "example": str(example.run.id),
            "recipe": example.run.scenario.recipe.to_dict(),
            "first_step": example.step,
            "before": example.before.to_dict(),
            "after": example.after.to_dict(),
            "notes": [msgspec.to_builtins(note) for note in self.notes],
        }


def between(backend: Backend, start: str, end: str) -> list[str]:
    """Return the releases of *backend* from *start* to *end*, both included.

    A minor version stands for its latest release. Raises `BadInput` for an unknown one.
    """
    first, last = (release_like(backend, version) for version in (start, end))
    known = list(releases(backend))
    if known.index(first) >= known.index(last):
        raise BadInput("--to", end, f"a later release than {start}")
    return known[known.index(first) : known.index(last) + 1]


def compared() -> list[Case]:
    """Return the cases whose changes are searched: the representative and the written ones."""
    return [case for case in cases() if case.representative or not case.generated]


def notes(backend: Backend) -> tuple[Note, ...]:
    """Return what the framework of *backend* changed, as its folder says."""
    path = backend.folder / "dialect" / "changes.json"
    return read_document(path, tuple[Note, ...], "changes of a framework") if path.exists() else ()


def changes(backend: Backend, versions: Sequence[str], cases: Sequence[Case]) -> list[Changes]:
    """Return what changes in the runs of *cases* from each of *versions* to the next.

    A run that does the same in two releases is not searched for changes between them.
    """
    found: dict[Any, list[Change]] = {}
    for run in plan(cases, [backend]):
        if run.emitted is not None and run.emitted.tree is not None:
            for change in _of_run(run, versions):
                found.setdefault(_kind(change), []).append(change)
    grouped = [_grouped(members, notes(backend)) for members in found.values()]
    return sorted(grouped, key=lambda c: (Version(c.example.after.version), c.example.classes[0]))


def _kind(change: Change) -> tuple[Any, ...]:
    sides = (bool(change.before.rates), bool(change.after.rates))
    return change.after.version, change.classes[0], sides


def _grouped(members: Sequence[Change], known: Sequence[Note]) -> Changes:
    names = dict.fromkeys(change.run.scenario.id.name for change in members)
    shortest = min(members, key=_size)
    return Changes(
        shortest,
        tuple(names),
        len(members),
        tuple(note for note in known if note.explains(shortest)),
    )


def _size(change: Change) -> tuple[bool, int, int]:
    """Return a key that is the smallest for the best example: no rounding error, and short."""
    before, after = change.before.rates, change.after.rates
    close = len(before) == len(after) > 0 and np.allclose(before, after, rtol=1e-9, atol=0)
    rounded = bool(close) and change.before.error == change.after.error
    recipe = change.run.scenario.recipe.to_dict()
    return rounded, len(change.run.scenario.t), len(str(recipe))


def _of_run(run: Run, versions: Sequence[str]) -> Iterator[Change]:
    """Yield the changes of one run, found by bisection."""
    known: dict[str, Prediction | None] = {}

    def between(low: int, high: int) -> Iterator[Change]:
        before, after = versions[low], versions[high]
        for version in (before, after):
            if version not in known:
                known[version] = predicted(run.of(version))
        change = _change(run, (before, known[before]), (after, known[after]))
        if change is None:
            return
        if high - low == 1:
            yield change
            return
        middle = (low + high) // 2
        yield from between(low, middle)
        yield from between(middle, high)

    yield from between(0, len(versions) - 1)


def _change(
    run: Run, before: tuple[str, Prediction | None], after: tuple[str, Prediction | None]
) -> Change | None:
    one, other = before[1], after[1]
    row = None if one is None or other is None else _first_difference(one, other)
    if one is None or other is None or row is None:
        return None
    t = run.scenario.t
    step = float(t[min(row, len(t) - 1)])
    return Change(run, step, _side(before[0], one, row), _side(after[0], other, row))


def _first_difference(one: Prediction, other: Prediction) -> int | None:
    """Return the first row at which two predictions differ, None if none does."""
    rows = min(len(one.rates), len(other.rates))
    if one.rates.shape[1:] == other.rates.shape[1:]:
        a, b = one.rates[:rows], other.rates[:rows]
        differs = ~((a == b) | (np.isnan(a) & np.isnan(b))).all(axis=1)
        if differs.any():
            return int(differs.argmax())
    same = len(one.rates) == len(other.rates) and one.text == other.text
    return None if same and one.status == other.status else rows


def _side(version: str, prediction: Prediction, row: int) -> Side:
    rates = prediction.rates[row : row + _SHOWN].tolist()
    ended = len(prediction.rates) <= row + _SHOWN
    return Side(version, rates, prediction.text if ended else "")
