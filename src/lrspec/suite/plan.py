"""Planning: every case × backend × spelling × drive, its source text emitted, nothing run yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lrspec.bindings.backend import Backend
from lrspec.bindings.writing import NATIVE
from lrspec.codegen.emit import Emitted, emit, spellings
from lrspec.errors import BadInput, Unsupported
from lrspec.scenario.builders import (
    DRIVES,
    LONGEST,
    alternately,
    expand,
    horizons,
    in_turn,
    is_drive,
    kind_of,
)
from lrspec.scenario.scenario import Drive, declared, selects, with_index, with_updates
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import parse
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import PLAIN, Case


@dataclass(frozen=True)
class Run:
    """One case on one backend in one spelling under one drive; `emitted` is None if unsupported.

    `others` are the source texts of the schedulers that are built beside the first.
    """

    case: Case
    backend: Backend
    spelling: str
    drive: Drive
    emitted: Emitted | None
    reason: str = ""
    others: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The name of the run, the same for ever."""
        spelling = "" if self.spelling == NATIVE else f":{self.spelling}"
        return f"{self.case.id}-{self.backend.name}{spelling}-{self.drive.name}"

    @property
    def followed(self) -> Drive:
        """The drive with its indices in the backend's own counting, as a worker follows it."""
        if self.drive.index is None:
            return self.drive
        continues = parse(self.backend.document["resume_index"]["continues"], frozenset({"k"}))
        return with_index(self.drive, lambda k: int(value(continues, {"k": k})))


def plan(
    cases: Iterable[Case],
    backends: Sequence[Backend],
    drives: Sequence[str] = (),
    steps: int | None = None,
    *,
    misuse: bool = True,
    quick: bool = False,
) -> list[Run]:
    """Return the runs of *cases* on *backends* under *drives* (each case's own, if none is named).

    Without *misuse*, what people do although it cannot work everywhere is left out; *quick* keeps
    one case a schedule and drive. Raises `BadInput` for a drive that there is not, and for a recipe
    without finite rates: the whole reference is computed before anything is run.
    """
    for name in drives:
        if not is_drive(name):
            raise BadInput("--drive", name, f"one of {', '.join(_offered(name))}")
    runs: list[Run] = []
    for case in cases:
        if quick and not case.representative:
            continue
        wanted = _expanded(case, drives or case.drives, steps)
        if not misuse:
            wanted = [drive for drive in wanted if not drive.misuse]
        try:
            for drive in wanted:
                _ = drive.expected
        except BadInput as error:
            raise error if error.file else error.in_file(case.id) from error
        for backend in backends:
            if case.backend not in (None, backend.name):
                continue
            runs.extend(_runs(case, backend, wanted, steps=steps, quick=quick))
    return runs


def _offered(name: str) -> list[str]:
    """Return the drives, or the variants of the one that *name* names another variant of."""
    kind = kind_of(name)
    if kind == name or kind not in DRIVES:
        return [*DRIVES]
    return [f"{kind}:{variant}" for variant in declared()[kind].get("variants", ())] or [kind]


def _expanded(case: Case, names: Sequence[str], steps: int | None) -> list[Drive]:
    """Return the drives called *names*, over *steps* or over the case's own horizons.

    A name is that of a drive, of one of its variants, as `jump:whole`, or of one of its runs.
    """
    counts = (steps,) if steps is not None else case.steps or horizons(case.recipe)
    found: list[Drive] = []
    for name in names:
        wanted = counts if kind_of(name) in ("stepwise", "metrics") else counts[:1]
        for count in dict.fromkeys(wanted):
            found.extend(expand(case.recipe, name, count))
    if not case.others:
        return found
    recipes = (case.recipe, *case.others)
    beside = [in_turn(recipes, counts[0], counts[0]), alternately(recipes, counts[0])]
    return [
        *(drive for drive in found if drive.variant != "alternately"),
        *(drive for drive in beside if any(selects(name, drive.name) for name in names)),
    ]


def _runs(
    case: Case, backend: Backend, drives: list[Drive], *, steps: int | None, quick: bool
) -> Iterator[Run]:
    brief = backend.mode.get("cases") == "representative" and case.backend is None
    if brief and not case.representative:
        return
    asked = backend.mode.get("generated", {}) if case.generated else {}
    if case.number % asked.get("share", 1):
        return
    kept = drives
    if quick or (brief and steps is None):
        kept = [drive for drive in _first_of_each(drives) if drive.kind != "long"]
    if steps is None:  # a backend cuts the suite's horizons, never the user's
        longest = asked.get("longest", backend.mode.get("longest", LONGEST))
        kept = list({drive.name: drive for drive in (_cut(d, longest) for d in kept)}.values())
    if not backend.mode["reported"]:
        kept = [with_updates(drive) for drive in kept]
    writer = _Writer(case, backend)
    for spelling in spellings(case.recipe, backend):
        plain = [drive for drive in _first_of_each(kept) if drive.kind in PLAIN]
        if case.spelling in (None, spelling) and spelling in asked.get("spellings", (spelling,)):
            for drive in kept if spelling == NATIVE else plain:
                yield writer.run(spelling, drive)


def _first_of_each(drives: Iterable[Drive]) -> list[Drive]:
    first: dict[str, Drive] = {}
    for drive in drives:
        first.setdefault(drive.kind, drive)
    return list(first.values())


def _cut(drive: Drive, longest: int) -> Drive:
    """Return a plain run of at most *longest* updates."""
    if drive.kind not in ("stepwise", "groups") or len(drive.t) <= longest:
        return drive
    return expand(drive.recipe, drive.kind, longest)[0]


class _Writer:
    """Emits the sources of one case on one backend, each once."""

    def __init__(self, case: Case, backend: Backend) -> None:
        self.case, self.backend = case, backend
        self._emitted: dict[tuple[str, str, bool], Emitted | str] = {}

    def run(self, spelling: str, drive: Drive) -> Run:
        """Return the run of *drive* in *spelling*."""
        emitted = self._source(drive.recipe, spelling, resumable=drive.index is not None)
        if isinstance(emitted, str):
            return Run(self.case, self.backend, spelling, drive, None, emitted)
        if drive.kind in emitted.drives:
            reason = emitted.drives[drive.kind]
            return Run(self.case, self.backend, spelling, drive, None, reason)
        others = [self._source(recipe, NATIVE, resumable=False) for recipe in drive.others]
        texts = tuple(other.text for other in others if isinstance(other, Emitted))
        if len(texts) < len(others):
            reason = next(other for other in others if isinstance(other, str))
            return Run(self.case, self.backend, spelling, drive, None, reason)
        return Run(self.case, self.backend, spelling, drive, emitted, "", texts)

    def _source(self, recipe: Recipe, spelling: str, *, resumable: bool) -> Emitted | str:
        """Return the source of *recipe*, or why there is none."""
        key = (repr(recipe.to_dict()), spelling, resumable)
        if key not in self._emitted:
            try:
                self._emitted[key] = emit(recipe, self.backend, spelling, resumable=resumable)
            except Unsupported as reason:
                self._emitted[key] = str(reason)
        return self._emitted[key]
