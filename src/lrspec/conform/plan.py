"""Planning: every case × backend × spelling × drive, its source text emitted, nothing run yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lrspec.conform.cases import Case
from lrspec.errors import BadInput, Unsupported
from lrspec.frameworks.backend import Backend
from lrspec.frameworks.emit import NATIVE, Emitted, emit, spellings
from lrspec.truth.drive import DRIVES, Drive, expand
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
            expanded = [drive for name in names for drive in _expanded(case, name, steps)]
            for drive in expanded:
                at(drive.recipe, drive.t)
        except BadInput as error:
            raise error if error.file else error.in_file(case.id) from error
        for backend in backends:
            for spelling in spellings(case.recipe, backend):
                runs.extend(_run(case, backend, spelling, drive) for drive in expanded)
    return runs


def _expanded(case: Case, name: str, steps: int | None) -> Iterator[Drive]:
    if steps is None and case.steps is not None:
        wanted = case.steps if name == "stepwise" else case.steps[:1]
        for count in wanted:
            yield from expand(case.recipe, name, count)
    else:
        yield from expand(case.recipe, name, steps)


def _run(case: Case, backend: Backend, spelling: str, drive: Drive) -> Run:
    try:
        emitted = emit(drive.recipe, backend, spelling)
    except Unsupported as reason:
        return Run(case, backend, spelling, drive, None, str(reason))
    kind = drive.name.partition("@")[0]
    if kind in emitted.drives:
        return Run(case, backend, spelling, drive, None, emitted.drives[kind])
    return Run(case, backend, spelling, drive, emitted)
