"""A backend: one framework in one environment, in one of its modes, as its folder declares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from lrspec import resources
from lrspec.bindings.document import Bindings, Document, ScheduleBindings, bindings_of, typed
from lrspec.errors import BadInput, not_one_of, under
from lrspec.json_input import parse_json
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, parse
from lrspec.spec.origin import check_version
from lrspec.spec.other_names import meant_backends

_T = TypeVar("_T")
Groups = Literal["own rates", "factors", "none"]


class Continuation:
    """A formula for the index that continues a run of k updates."""

    def __init__(self, text: str) -> None:
        self.formula: Formula = parse(text, frozenset({"k"}))

    def after(self, updates: int) -> int:
        """Return the index that continues a run after *updates*."""
        return int(value(self.formula, {"k": updates}))


class ResumeIndex(Document, frozen=True):
    """The constructor's `argument` that continues a run, the index it takes, and the reason."""

    argument: str
    continues: Continuation
    reason: str


class Generated(Document, frozen=True):
    """Which generated cases are run: one in `share`, up to `longest` updates, in these forms."""

    longest: int | None = None
    argument_forms: tuple[str, ...] | None = None
    share: int = 1


class Mode(Document, frozen=True):
    """One implementation of a framework.

    A mode that does not report its rates (`reported`) applies them in the precision `applied`.
    `cases` is `representative` if only one case per schedule is run; `longest` limits a run
    (updates) and `deadline` an answer (seconds); a worker is restarted after `runs_per_process`.
    `uncertified` are scenarios that fail for every source. `unsupported_standalone` are standalone
    sources that the mode cannot follow: `all` of them, or those that set more of the optimizer than
    one rate (`optimizer`).
    """

    title: str
    reported: bool
    applied: Literal["float32", "float64"]
    usage: str
    unsupported_scenarios: Mapping[str, str] = {}
    unsupported_standalone: Mapping[Literal["all", "optimizer"], str] = {}
    uncertified: Mapping[Literal["groups"], str] = {}
    cases: Literal["all", "representative"] = "all"
    generated: Generated = Generated()
    longest: int | None = None
    longest_reason: str = ""
    deadline: float | None = None
    deadline_reason: str = ""
    runs_per_process: int | None = None
    runs_per_process_reason: str = ""


class Framework(Document, frozen=True, kw_only=True):
    """A framework: its environment, and how its source begins.

    `distribution` is installed, `package` imported, and `module` contains the schedulers;
    `argument` is what `build_scheduler` takes. `groups` is how parameter groups differ: each has
    its `own rates`, or `factors` of the scheduler's one rate, or `none` if a schedule has one rate.
    `attach` is the method of an optimizer that takes a scheduler which was built without it.
    """

    order: int
    distribution: str
    package: str
    python: str
    module: str
    argument: str | None
    groups: Groups
    attach: str | None = None
    resume_index: ResumeIndex | None = None


class Declaration(Framework, frozen=True, kw_only=True):
    """`backend.json`: a framework and its modes."""

    name: str
    title: str
    modes: Mapping[str, Mode]


class Backend(Framework, frozen=True, kw_only=True):
    """One mode of one framework, in one version: by default the pinned one.

    `name` is the mode's name, which the command line takes; `framework` is the folder's. `graft` is
    a folder with the scheduler modules of `version`, which are loaded over the installed framework.
    """

    name: str
    framework: str
    folder: Path
    mode: Mode
    bindings: Bindings
    version: str = ""
    graft: Path | None = None

    def of(self, version: str, graft: Path | None = None) -> Backend:
        """Return the same mode in another version of its framework."""
        return msgspec.structs.replace(self, version=version, graft=graft)

    @property
    def title(self) -> str:
        """The display name."""
        return self.mode.title

    @property
    def precision(self) -> str:
        """The precision of a trace: that of the reported rates if there are any, else `applied`."""
        return "float64" if self.mode.reported else self.mode.applied

    @property
    def pins(self) -> tuple[str, ...]:
        """The requirements of its environment."""
        return _pins(self.folder)

    @property
    def readable(self) -> bool:
        """Whether its schedulers are objects that a recipe can be read from."""
        return self.bindings.position is not None

    def bindings_of(self, kind: str) -> ScheduleBindings:
        """Return the bindings of the schedule *kind*, empty ones if the folder has none."""
        return self.bindings.schedules.get(kind, ScheduleBindings())


def load(folder: Path) -> dict[str, Backend]:
    """Return the backends that *folder* declares, one per mode.

    Raises `BadInput` with the file and the place of an error.
    """
    declaration = _read(folder / "backend.json", _declaration)
    bindings = _read(folder / "bindings.json", bindings_of)
    common = {name: getattr(declaration, name) for name in Framework.__struct_fields__}
    own: dict[str, Any] = {
        "framework": declaration.name,
        "folder": folder,
        "bindings": bindings,
        "version": next(iter(_pins(folder)), "").partition("==")[2],
    }
    return {
        name: Backend(name=name, mode=mode, **own, **common)
        for name, mode in declaration.modes.items()
    }


def _pins(folder: Path) -> tuple[str, ...]:
    path = folder / "requirements.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(line for line in lines if line and not line.startswith("#"))


def _declaration(document: Any) -> Declaration:
    for name, mode in document.get("modes", {}).items():  # one by one: an error names its mode
        with under(f"$.modes.{name}"):
            typed(mode, Mode)
    return typed(document, Declaration)


def _read(path: Path, parse_document: Callable[[Any], _T]) -> _T:
    try:
        return parse_document(parse_json(path.read_bytes()))
    except BadInput as error:
        raise error.in_file(str(path)) from error


@cache
def backends() -> Mapping[str, Backend]:
    """Return every backend by its name, in the order of the folders' `order`."""
    folders = (path.parent for path in (resources.root() / "backends").glob("*/backend.json"))
    loaded = [backend for folder in sorted(folders) for backend in load(folder).values()]
    return {backend.name: backend for backend in sorted(loaded, key=lambda b: b.order)}


def frameworks() -> dict[str, Backend]:
    """Return each framework's plain mode, by the framework's name."""
    return {name: backend for name, backend in backends().items() if name == backend.framework}


def packages() -> list[str]:
    """Return the packages of all frameworks, by the names that they are imported under."""
    return list(dict.fromkeys(backend.package for backend in backends().values()))


def meant_backend(name: str) -> list[str]:
    """Return the backends that *name* stands for elsewhere: `pytorch`."""
    words = {b.name: {b.title} for b in backends().values()}
    for backend in frameworks().values():
        words[backend.name] |= {backend.distribution, backend.package}
    return meant_backends(name, words)


def backend_of(name: str, place: str = "--backend") -> Backend:
    """Return the backend that `NAME` or `NAME==VERSION` names, by default in the pinned version.

    Raises `BadInput` at *place* for an unknown name, with the known ones, and for no version.
    """
    name, equals, version = name.partition("==")
    if name not in backends():
        raise not_one_of(place, name, backends(), meant_backend(name))
    if not equals:
        return backends()[name]
    check_version(version, place)
    return backends()[name].of(version)
