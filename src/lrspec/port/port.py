"""Porting: a recipe written in a framework's words, native or exact, run there, and certified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import Emitted, emit
from lrspec.codegen.plain_function import PLAIN, plain
from lrspec.codegen.standalone import STANDALONE
from lrspec.engine.landmarks import span
from lrspec.errors import BadInput, Unsupported
from lrspec.port.verification import (
    MOST_ULP,
    NATIVE,
    Certificate,
    by_engine,
    by_framework,
    by_ledger,
    objection,
    runs_of,
    scenarios_of,
)
from lrspec.scenario.builders import LONGEST
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.findings import judged
from lrspec.suite.plan import Run
from lrspec.suite.run import observe
from lrspec.verdict.ledger import entries
from lrspec.verdict.results import Finding


@dataclass(frozen=True)
class Reason:
    """Why a style was chosen: its kind in a word or two, and the words that a comment has."""

    cause: str
    words: str


_ASKED = Reason("asked for", "Exact, as it was asked for.")


@dataclass(frozen=True)
class Port:
    """Source text, how it is written and why, and its certificate.

    `style` is `native` or `exact`; `cause` is the kind of divergence that forced an exact one, or
    `no class`, `rounding`, `asked for`; `right` of a native one. `findings` are the runs
    that the certificate rests on.
    """

    source: str
    style: str
    reason: str
    certificate: Certificate
    cause: str = ""
    findings: Sequence[Finding] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object: `source`, `style`, `reason`, `certificate`."""
        return {
            "source": self.source,
            "style": self.style,
            "reason": self.reason,
            "certificate": asdict(self.certificate),
        }


def port(
    recipe: Recipe,
    to: str,
    pythons: Mapping[str, str] | None = None,
    *,
    standalone: bool = False,
    ulp: float | None = None,
) -> Port:
    """Return *recipe* in the words of the backend *to*, run there if it is installed.

    It is written in the framework's own classes where these give the right rates, and as its closed
    form where they do not, or where *exact* asks for it; `numpy` is a plain function. Right is what
    is within rounding, and where *ulp* is given within so many units in the last place. Raises
    `BadInput` where there is no such backend, or where a mode can follow neither.
    """
    if to == PLAIN:
        source = plain(recipe)
        reason = "a plain function has no classes to be native in"
        return Port(source, STANDALONE, reason, by_engine(source, recipe, PLAIN), "asked for")
    if to not in backends():
        raise BadInput("--to", to, f"one of {', '.join(backends())}, {PLAIN}")
    case = Case("port", "", recipe)
    (found,) = ports([(case, backend_of(to))], pythons, standalone=standalone, ulp=ulp)
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
    ulp: float | None
    findings: Sequence[Finding] = ()
    version: str | None = None

    def seen(self, by_run: Mapping[str, Finding], version: str | None) -> _Attempt:
        """Return the same with what was seen of its runs."""
        found = [by_run[run.id] for run in self.runs]
        kept = [finding for finding in found if finding.status != "unsupported"]
        return replace(self, findings=kept, version=version)

    def port(self, style: str, reason: Reason) -> Port:
        """Return this source as what was chosen, with its certificate."""
        certificate = _certified(self, style)
        return Port(
            self.emitted.text, style, reason.words, certificate, reason.cause, self.findings
        )

    @property
    def fails(self) -> bool:
        """Tell whether something was seen that speaks against this source."""
        return objection(self.findings, self.backend.precision, self.ulp) is not None

    @property
    def absent(self) -> str:
        """Why nothing was run, if nothing was."""
        return self.findings[0].explanation if self.findings else "nothing to run"


def ports(
    wanted: Sequence[tuple[Case, Backend]],
    pythons: Mapping[str, str] | None = None,
    *,
    standalone: bool = False,
    brief: bool = False,
    ulp: float | None = None,
) -> list[Port | Unsupported]:
    """Return the port of each case to its backend, the backends being asked side by side.

    What a mode can follow in no way is returned as the reason. With *brief* only a representative
    case is in every scenario. *exact* and *ulp* are as in `port`.
    """
    driven: dict[tuple[str, int], list[Scenario]] = {}

    def scenarios(case: Case, backend: Backend) -> list[Scenario]:
        longest = backend.mode.longest or LONGEST
        if (case.id, longest) not in driven:
            thorough = case.representative or not brief
            driven[case.id, longest] = scenarios_of(case, longest, thorough=thorough)
        return driven[case.id, longest]

    natives = _tried(
        [
            _ASKED if standalone else _native(case, backend, scenarios(case, backend), ulp)
            for case, backend in wanted
        ],
        pythons,
    )
    reasons = [n if isinstance(n, Reason) else _against(n) for n in natives]
    written = _tried(
        [
            reason and _standalone(case, backend, reason, scenarios(case, backend))
            for (case, backend), reason in zip(wanted, reasons, strict=True)
        ],
        pythons,
    )
    return list(map(_chosen, natives, reasons, written))


def _native(
    case: Case, backend: Backend, scenarios: Sequence[Scenario], ulp: float | None
) -> _Attempt | Reason:
    """Return the native source of *case* and its runs, or why there is none."""
    lacks = f"Exact, for {backend.title} has no class that says it"
    try:
        emitted = emit(case.recipe, backend)
    except Unsupported as reason:
        return Reason("no class", f"{lacks}: {reason}.")
    if any(f"class {name}:" in emitted.text for name in emitted.classes):
        return Reason("no class", f"{lacks}: a training loop has to set the rate.")
    runs = runs_of(case, backend, emitted, EXPLICIT, scenarios)
    return _Attempt(backend, case.recipe, emitted, runs, ulp)


def _standalone(
    case: Case, backend: Backend, because: Reason, scenarios: Sequence[Scenario]
) -> _Attempt | Reason:
    """Return the exact source of *case* and its runs, or why there is none."""
    try:
        emitted = emit(case.recipe, backend, STANDALONE, because=because.words)
    except Unsupported as reason:
        return Reason("no function", str(reason))
    runs = runs_of(case, backend, emitted, STANDALONE, scenarios)
    return _Attempt(backend, case.recipe, emitted, runs, MOST_ULP)


_Found = TypeVar("_Found", bound="Reason | None")


def _tried(
    attempts: Sequence[_Attempt | _Found], pythons: Mapping[str, str] | None
) -> list[_Attempt | _Found]:
    """Return the attempts with what was seen of their runs."""
    runs = [run for found in attempts if isinstance(found, _Attempt) for run in found.runs]
    seen = observe(runs, pythons)
    by_run = {finding.run: finding for finding in judged(runs, seen).findings}
    versions = seen.versions
    return [
        found.seen(by_run, versions.get(found.backend.name))
        if isinstance(found, _Attempt)
        else found
        for found in attempts
    ]


def _against(native: _Attempt) -> Reason | None:
    """Return what speaks against native source, None if it is right."""
    backend, version = native.backend, native.version
    not_these = f"Exact, not {_listed(native.emitted.classes)} ({backend.title}"
    if version is None:
        return _known(native, not_these)
    found = objection(native.findings, backend.precision, native.ulp)
    if found is None:
        return None
    if found.verdict == "conforms":
        errors = f"{found.max_ulp_error:.3g} ULP, {found.max_rel_error:.2g} of the peak"
        return Reason("rounding", f"{not_these} {version}): errors add up to {errors}.")
    where = f"{not_these} {version}{_when(found.scenario)})"
    return Reason(found.kind, f"{where}: {found.explanation}")


def _when(scenario: str) -> str:
    """Return when a scenario shows something, nothing if it does in any plain run."""
    kind, _, variant = scenario.partition("@")
    if kind == "resume_state":
        return f", saved and loaded at step {variant.partition(':')[0]}"
    return ", with a second parameter group" if kind == "groups" else ""


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _known(native: _Attempt, not_these: str) -> Reason | None:
    """Return what the ledger has against native source in the pinned version, None if nothing."""
    version = native.backend.pins[0].partition("==")[2]
    for run in native.runs:
        for entry in entries():
            name, recipe = run.backend.name, run.scenario.recipe
            if entry.expects(name, version, recipe, EXPLICIT, run.scenario.name):
                words = f"{not_these} {version}{_when(run.scenario.name)}): {entry.because}"
                return Reason(entry.kind, words)
    return None


def _chosen(
    native: _Attempt | Reason, reason: Reason | None, exact: _Attempt | Reason | None
) -> Port | Unsupported:
    """Return the exact source where something speaks against the native one, and not against it.

    What a mode does to any source is no reason against its own classes.
    """
    if isinstance(exact, _Attempt) and reason is not None:
        same = isinstance(native, _Attempt) and native.version and exact.fails
        if not same:
            return exact.port(STANDALONE, reason)
    if isinstance(native, _Attempt):
        own = f"{native.backend.title}'s own classes"
        return native.port(NATIVE, Reason("right", own) if reason is None else _neither(reason))
    assert isinstance(exact, Reason)  # noqa: S101 - without native source an exact one is tried
    lacks = native.words.removeprefix("Exact, for ").removesuffix(".")
    return Unsupported(f"{lacks}; and {exact.words}")


def _neither(against: Reason) -> Reason:
    """Return why native source was kept although something speaks against it."""
    words = against.words.replace("Exact, not", "The closed form does no better than", 1)
    return Reason(against.cause, words)


def _certified(attempt: _Attempt, style: str) -> Certificate:
    text, backend, version = attempt.emitted.text, attempt.backend, attempt.version
    if version is not None:
        whole = span(attempt.recipe)
        farthest = max((float(run.scenario.t.max()) for run in attempt.runs), default=0.0)
        beyond = whole if farthest < whole else 0
        return by_framework(text, backend, version, attempt.findings, attempt.ulp, beyond=beyond)
    if style == NATIVE:
        return by_ledger(text, backend, attempt.absent)
    return by_engine(text, attempt.recipe, backend.name, attempt.absent)
