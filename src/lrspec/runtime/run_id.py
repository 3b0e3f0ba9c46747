"""The identity of a run: one case on one backend, in one argument form and one scenario."""

from __future__ import annotations

from dataclasses import dataclass

from lrspec.bindings.document import EXPLICIT
from lrspec.scenario.scenario_id import ScenarioId


@dataclass(frozen=True)
class RunId:
    """Which run this is. Its text is for people; nothing reads it back."""

    case: str
    backend: str
    argument_form: str
    scenario: ScenarioId

    def __str__(self) -> str:
        form = "" if self.argument_form == EXPLICIT else f":{self.argument_form}"
        return f"{self.case}-{self.backend}{form}-{self.scenario}"

    def to_record(self) -> dict[str, str]:
        """Return the fields that a stored record of this run has."""
        return {
            "case": self.case,
            "backend": self.backend,
            "argument_form": self.argument_form,
            "scenario": str(self.scenario),
        }
