"""Every schedule and published recipe in every framework: what the page and the report compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from lrspec.report.answers import Bite, bites
from lrspec.report.sides import SPECIFICATION, Side, Subject, compared, side, specified, subjects
from lrspec.report.sparkline import sparkline
from lrspec.suite.parallel import mapped


@dataclass(frozen=True)
class Comparison:
    """One subject with what each side does with it."""

    subject: Subject
    sides: Mapping[str, Side]

    @cached_property
    def bites(self) -> dict[tuple[str, str], list[Bite]]:
        """The differences of each pair of sides that both have the subject."""
        able = {name: side for name, side in self.sides.items() if not side.unsupported}
        return {
            (a, b): bites(self.subject, of, to)
            for a, of in able.items()
            for b, to in able.items()
            if a != b != SPECIFICATION
        }

    @property
    def sparkline(self) -> str:
        """The specified curve."""
        plain = self.sides[SPECIFICATION].plain
        if plain is None:
            return ""
        label = f"rate of {self.subject.title} over {len(plain.t):,} updates"
        return sparkline({"spec": plain.rates[:, 0]}, plain.t, label, [self.subject.steps[0]])


def comparison(subject: Subject) -> Comparison:
    """Return *subject* on every side."""
    sides = {backend.name: side(subject, backend) for backend in compared()}
    return Comparison(subject, {SPECIFICATION: specified(subject), **sides})


@cache
def comparisons() -> Sequence[Comparison]:
    """Return every subject on every side; no result of a run is needed."""
    return mapped(comparison, subjects())
