"""The identity of a scenario, `jump@5:twice`, and what selects it: `jump`, `jump:twice`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from lrspec.errors import BadInput, not_one_of
from lrspec.scenario.declaration import declared
from lrspec.spec.formula.functions import MOST_STEPS

_TEXT = re.compile(r"([a-z_]+)(?:@(\d{1,18}))?(?::([a-z-]+))?", re.ASCII)
_Named = TypeVar("_Named", bound="_Name")


@dataclass(frozen=True)
class _Name:
    """A declared scenario's name, `@` and a step, `:` and one of its variants."""

    name: str
    step: int | None = None
    variant: str = ""

    def __str__(self) -> str:
        step = "" if self.step is None else f"@{self.step}"
        return f"{self.name}{step}:{self.variant}" if self.variant else f"{self.name}{step}"

    @classmethod
    def parse(cls: type[_Named], text: str, place: str = "$") -> _Named:
        """Return what *text* names; raises `BadInput` at *place*, which lists the valid names."""
        match = _TEXT.fullmatch(text)
        name = match[1] if match else re.split("[@:]", text)[0]
        if name not in declared():
            raise not_one_of(place, text, declared())
        variants = declared()[name].variants
        if match is None or (match[3] is not None and match[3] not in variants):
            offered = [f"{name}:{variant}" for variant in variants] or [name]
            raise not_one_of(place, text, offered)
        step = None if match[2] is None else int(match[2])
        if step is not None and step > MOST_STEPS:
            raise BadInput(place, text, f"a scenario of at most {MOST_STEPS:,} steps")
        return cls(name, step, match[3] or "")


@dataclass(frozen=True)
class ScenarioId(_Name):
    """One scenario; `step` is that of the disturbance, or the length of an undisturbed run."""

    @property
    def expects_forms(self) -> bool:
        """Whether the closed and the recursive form are both right, and may differ."""
        declaration = declared()[self.name]
        return declaration.expects == "forms" or self.variant in declaration.forms

    @property
    def misuse(self) -> bool:
        """Whether people do this although it cannot work everywhere."""
        return self.variant in declared()[self.name].misuse

    @property
    def sampled(self) -> bool:
        """Whether not every rate is recorded: evenly, around the landmarks, and at the end."""
        return self.name == "long"

    @property
    def selector(self) -> Selector:
        """The selector of all steps of this scenario and variant: `jump:twice`."""
        return Selector(self.name, None, self.variant)


@dataclass(frozen=True)
class Selector(_Name):
    """Selects scenarios: all of one name, one variant, `jump:twice`, or one run, `jump@5:twice`."""

    def covers(self, scenario: ScenarioId) -> bool:
        """Return whether *scenario* has this name, and this step and variant if they are given."""
        return (
            self.name == scenario.name
            and self.step in (None, scenario.step)
            and self.variant in ("", scenario.variant)
        )

    def selects(self, scenario: ScenarioId) -> bool:
        """Return whether *scenario* is covered, and named if its variant runs only by name."""
        by_name_only = declared()[self.name].asked
        named = bool(self.variant) or scenario.variant not in by_name_only
        return named and self.covers(scenario)
