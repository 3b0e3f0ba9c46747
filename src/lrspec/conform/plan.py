"""Planning: every case × backend × spelling × drive, its source text emitted, nothing run yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lrspec.conform.cases import Case
from lrspec.errors import BadInput, Unsupported
from lrspec.frameworks.backend import Backend
from lrspec.frameworks.emit import NATIVE, Emitted, emit, spellings
from lrspec.truth.drive import DRIVES, LONGEST, Drive, expand, horizons
from lrspec.truth.reference import at


@dataclass(frozen=True)
class Run:
    """One case on one backend in one spelling under one drive; `emitted` is None if unsupported."""

    case: Case
    backend: Backend
    spelling: str
    drive: Drive
    emitted: Emitted | None
    reason: str = ""

    @property
    def id(self) -> str:
        """The name of the run, the same for ever."""
        spelling = "" if self.spelling == NATIVE else f":{self.spelling}"
        return f"{self.case.id}-{self.backend.name}{spelling}-{self.drive.name}"


def plan(
    cases: Iterable[Case],
    backends: Sequence[Backend],
    drives: Sequence[str] = (),
    steps: int | None = None,
) -> list[Run]:
    """Return the runs of *cases* on *backends* under *drives* (all, where none are named).

    Raises `BadInput` for a drive that there is not, and for a recipe without finite rates: the
    whole reference is computed before anything is run.
    """
    names = list(drives) or list(DRIVES)
    for name in names:
        if name not in DRIVES:
            raise BadInput("--drive", name, f"one of {', '.join(DRIVES)}")
    runs: list[Run] = []
    for case in cases:
        try:
            for name in names:
                for drive in _expanded(case, name, steps):
                    at(drive.recipe, drive.t)
        except BadInput as error:
            raise error if error.file else error.in_file(case.id) from error
        for backend in backends:
            expanded = [d for n in names for d in _expanded(case, n, steps, backend)]
            native, *others = spellings(case.recipe, backend)
            runs.extend(_run(case, backend, native, drive) for drive in expanded)
            once = {drive.name.partition("@")[0]: drive for drive in reversed(expanded)}
            for spelling in others:
                runs.extend(_run(case, backend, spelling, d) for d in reversed(once.values()))
    return runs


def _expanded(
    case: Case, name: str, steps: int | None, backend: Backend | None = None
) -> Iterator[Drive]:
    """Return the drives called *name*, over *steps* or over the case's own horizons.

    A backend with a `longest` run of its own cuts the suite's horizons there, never the user's.
    """
    if steps is not None:
        yield expand(case.recipe, name, steps)
    elif case.drives is None or name in case.drives:
        longest = backend.mode.get("longest", LONGEST) if backend else LONGEST
        counts = case.steps or horizons(case.recipe)
        wanted = counts if name == "stepwise" else counts[:1]
        for count in dict.fromkeys(min(count, longest) for count in wanted):
            yield expand(case.recipe, name, count)


def _run(case: Case, backend: Backend, spelling: str, drive: Drive) -> Run:
    try:
        emitted = emit(drive.recipe, backend, spelling)
    except Unsupported as reason:
        return Run(case, backend, spelling, drive, None, str(reason))
    kind = drive.name.partition("@")[0]
    if kind in emitted.drives:
        return Run(case, backend, spelling, drive, None, emitted.drives[kind])
    return Run(case, backend, spelling, drive, emitted)
