"""Porting: a recipe written in a framework's words, native or exact, run there, and certified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lrspec.certify import (
    Certificate,
    by_engine,
    by_framework,
    by_ledger,
    drives_of,
    objection,
    runs_of,
)
from lrspec.conform.cases import Case
from lrspec.conform.findings import judged
from lrspec.conform.observe import observe
from lrspec.conform.plan import Run
from lrspec.errors import BadInput, Unsupported
from lrspec.frameworks.backend import Backend, backend_of, backends
from lrspec.frameworks.bindings import NATIVE
from lrspec.frameworks.emit import Emitted, emit
from lrspec.frameworks.exact import EXACT
from lrspec.frameworks.plain import PLAIN, plain
from lrspec.report.results import Finding
from lrspec.truth.drive import LONGEST, Drive
from lrspec.truth.recipe import Recipe
from lrspec.verdict.ledger import entries

_ASKED = "Exact, as it was asked for."


@dataclass(frozen=True)
class Port:
    """Source text, how it is written and why, and its certificate.

    `style` is `native` or `exact`; `findings` are the runs that the certificate rests on.
    """

    source: str
    style: str
    reason: str
    certificate: Certificate
    findings: Sequence[Finding] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object, without the runs."""
        document = asdict(self)
        del document["findings"]
        return document


def port(
    recipe: Recipe, to: str, pythons: Mapping[str, str] | None = None, *, exact: bool = False
) -> Port:
    """Return *recipe* in the words of the backend *to*, run there if it is installed.

    It is written in the framework's own classes where these give the right rates, and as its closed
    form where they do not, or where *exact* asks for it; `numpy` is a plain function. Raises
    `BadInput` where there is no such backend, or where a mode can follow neither.
    """
    if to == PLAIN:
        source = plain(recipe)
        reason = "a plain function has no classes to be native in"
        return Port(source, EXACT, reason, by_engine(source, recipe, PLAIN))
    if to not in backends():
        raise BadInput("--to", to, f"one of {', '.join(backends())}, {PLAIN}")
    case = Case("port", "", recipe)
    (found,) = ports([(case, backend_of(to))], pythons, exact=exact)
    if isinstance(found, Unsupported):
        expected = f"a schedule that {backend_of(to).title} has: {found}"
        raise BadInput("$.schedule", recipe.kind, expected) from found
    return found


@dataclass(frozen=True)
class _Attempt:
    """One source text and the runs that it is held to, before and after they are seen."""

    backend: Backend
    recipe: Recipe
    emitted: Emitted
    runs: Sequence[Run]
    findings: Sequence[Finding] = ()
    version: str | None = None

    def seen(self, by_run: Mapping[str, Finding], version: str | None) -> _Attempt:
        """Return the same with what was seen of its runs."""
        found = [by_run[run.id] for run in self.runs]
        kept = [finding for finding in found if finding.status != "unsupported"]
        return _Attempt(self.backend, self.recipe, self.emitted, self.runs, kept, version)

    @property
    def absent(self) -> str:
        """Why nothing was run, if nothing was."""
        return self.findings[0].explanation if self.findings else "nothing to run"


def ports(
    wanted: Sequence[tuple[Case, Backend]],
    pythons: Mapping[str, str] | None = None,
    *,
    exact: bool = False,
    brief: bool = False,
) -> list[Port | Unsupported]:
    """Return the port of each case to its backend, the backends being asked side by side.

    What a mode can follow in no way is returned as the reason. With *brief* only a representative
    case is driven in every way.
    """
    driven: dict[tuple[str, int], list[Drive]] = {}

    def drives(case: Case, backend: Backend) -> list[Drive]:
        longest = int(backend.mode.get("longest", LONGEST))
        if (case.id, longest) not in driven:
            thorough = case.representative or not brief
            driven[case.id, longest] = drives_of(case, longest, thorough=thorough)
        return driven[case.id, longest]

    natives: list[_Attempt | str] = [
        _ASKED if exact else _native(case, backend, drives(case, backend))
        for case, backend in wanted
    ]
    natives = _tried(natives, pythons)
    reasons = [n if isinstance(n, str) else _against(n) for n in natives]
    written: list[_Attempt | str] = [
        _exact(case, backend, reason, drives(case, backend)) if reason else ""
        for (case, backend), reason in zip(wanted, reasons, strict=True)
    ]
    written = _tried(written, pythons)
    return [
        _chosen(native, reason, other)
        for native, reason, other in zip(natives, reasons, written, strict=True)
    ]


def _native(case: Case, backend: Backend, drives: Sequence[Drive]) -> _Attempt | str:
    """Return the native source of *case* and its runs, or why there is none."""
    try:
        emitted = emit(case.recipe, backend)
    except Unsupported as reason:
        return f"Exact, for {backend.title} has no class that says it: {reason}."
    runs = runs_of(case, backend, emitted, NATIVE, drives)
    return _Attempt(backend, case.recipe, emitted, runs)


def _exact(case: Case, backend: Backend, because: str, drives: Sequence[Drive]) -> _Attempt | str:
    """Return the exact source of *case* and its runs, or why there is none."""
    try:
        emitted = emit(case.recipe, backend, EXACT, because=because)
    except Unsupported as reason:
        return str(reason)
    runs = runs_of(case, backend, emitted, EXACT, drives)
    return _Attempt(backend, case.recipe, emitted, runs)


def _tried(
    attempts: Sequence[_Attempt | str], pythons: Mapping[str, str] | None
) -> list[_Attempt | str]:
    """Return the attempts with what was seen of their runs."""
    runs = [run for found in attempts if isinstance(found, _Attempt) for run in found.runs]
    seen = observe(runs, pythons)
    by_run = {finding.run: finding for finding in judged(runs, seen).findings}
    versions = seen.versions
    return [
        found if isinstance(found, str) else found.seen(by_run, versions.get(found.backend.name))
        for found in attempts
    ]


def _against(native: _Attempt) -> str:
    """Return what speaks against native source, nothing if it is right."""
    backend, version = native.backend, native.version
    classes = _listed(native.emitted.classes)
    if version is None:
        pinned = backend.pins[0].partition("==")[2]
        because = _known(native, pinned)
        return f"Exact, not {classes}: in {backend.title} {pinned}, {because}" if because else ""
    found = objection(native.findings, backend.precision)
    if found is None:
        return ""
    where = f"Exact, not {classes}: in {backend.title} {version}"
    if found.verdict == "conforms":
        return (
            f"{where} it is up to {found.max_ulp_error:.3g} ULP off under {found.drive}, "
            f"{found.max_rel_error:.2g} of the peak."
        )
    return f"{where}, under {found.drive}: {found.explanation}"


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _known(native: _Attempt, version: str) -> str:
    """Return what the ledger has against native source in *version*, nothing if it has nothing."""
    for run in native.runs:
        for entry in entries():
            name, recipe = run.backend.name, run.drive.recipe
            if entry.expects(name, version, recipe, NATIVE, run.drive.name):
                return f"under {run.drive.name}: {entry.because}"
    return ""


def _chosen(native: _Attempt | str, reason: str, exact: _Attempt | str) -> Port | Unsupported:
    """Return the native source where nothing speaks against it, and the exact one where it does."""
    if isinstance(exact, _Attempt):
        return Port(exact.emitted.text, EXACT, reason, _certified(exact, EXACT), exact.findings)
    if isinstance(native, str):
        return Unsupported(native.removeprefix("Exact, for ").rstrip(".") + f"; and {exact}")
    text = native.emitted.text
    said = f"{native.backend.title}'s own classes"
    if reason:
        said = f"{exact}. {reason.replace('Exact, not', 'Wrong is', 1)}"
    return Port(text, NATIVE, said, _certified(native, NATIVE), native.findings)


def _certified(attempt: _Attempt, style: str) -> Certificate:
    text, backend, version = attempt.emitted.text, attempt.backend, attempt.version
    if version is not None:
        return by_framework(text, backend, version, attempt.findings)
    if style == NATIVE:
        return by_ledger(text, backend, attempt.absent)
    return by_engine(text, attempt.recipe, backend.name, attempt.absent)
