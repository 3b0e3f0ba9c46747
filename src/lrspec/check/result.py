"""What a check found, as values; `cli.check` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrspec.bindings.backend import Backend
from lrspec.check.training_loop import Trap
from lrspec.dialect.dialect import departures
from lrspec.scenario.own_run import RunLength
from lrspec.spec.recipe import Recipe
from lrspec.verdict.results import Finding

#: The ends of the ids of the departures that loading in a wrong order shows.
_MISUSES = ("scheduler-built-late", "state-without-optimizer")


@dataclass(frozen=True)
class Explained:
    """A departure in three parts: what is observed, why, and what to do instead."""

    what: str
    why: str
    instead: str


def explained(finding: Finding) -> Explained:
    """Return the explanation of *finding*, its causes and its advice apart."""
    what = finding.explanation
    why: list[str] = []
    instead: list[str] = []
    for name in finding.departures:
        known = departures().get(name)
        if known is not None and known.cause in what:
            what = what.replace(known.cause, "")
            why.append(known.cause)
            what = what.replace(known.do, "")
            instead.append(known.do)
    return Explained(" ".join(what.split()), " ".join(why), " ".join(dict.fromkeys(instead)))


@dataclass(frozen=True)
class Examined:
    """One framework: the verdict on the plain run, and on saving and loading.

    `version` is None if nothing was run, and the findings are predicted. `unsupported` is why the
    framework has no source for the recipe. `resumed` are runs that are saved and loaded in the
    right order, `misused` the predicted ones in a wrong order.
    """

    backend: Backend
    version: str | None = None
    absent: str = ""
    unsupported: str = ""
    plain: Finding | None = None
    resumed: Sequence[Finding] = ()
    misused: Sequence[Finding] = ()

    @property
    def orders(self) -> list[str]:
        """What to do so that saving and loading is safe: the advice against each misuse."""
        names = [f"{self.backend.framework}-{end}" for end in _MISUSES]
        shown = [name for f in self.misused if f.verdict == "departs" for name in f.departures]
        return [departures()[name].do for name in names if name in shown]

    @property
    def verified(self) -> bool:
        """Whether something was run in the framework."""
        return self.version is not None and self.plain is not None

    @property
    def findings(self) -> list[Finding]:
        """The findings that the verdict rests on."""
        return [*filter(None, [self.plain]), *self.resumed]

    @property
    def is_well(self) -> bool:
        """Whether everything that was run conforms."""
        return all(finding.verdict == "conforms" for finding in self.findings)


@dataclass(frozen=True)
class Check:
    """A recipe, the run that it was checked for, and what was found.

    `warnings` say how the run does not fit the schedule. Of a scheduler that was read, `notes` are
    the notes, and `copied` is the number of steps over which a copy of it was compared with the
    recipe; `departs` is whether it differs there.
    """

    target: str
    recipe: Recipe
    length: RunLength
    frameworks: Sequence[Examined]
    warnings: Sequence[str]
    traps: Sequence[Trap]
    notes: Sequence[str] = ()
    copied: int = 0
    departs: bool = False

    @property
    def passed(self) -> bool:
        """Whether something was verified, and all of it is well."""
        verified = [framework for framework in self.frameworks if framework.verified]
        well = all(framework.is_well for framework in verified) and not self.departs
        return well and bool(verified or self.copied)
