"""Porting: a recipe as a framework's source, native or standalone, run there and certified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.codegen.plain_function import NUMPY, plain
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import BadInput, Unsupported
from lrspec.port.certificate import MAX_ULP, by_engine
from lrspec.port.result import Port
from lrspec.port.verification import NATIVE, Candidate, runs_of, scenarios_of, verified
from lrspec.scenario.builders import LONGEST
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case


@dataclass(frozen=True)
class Reason:
    """Why a source is standalone: the `cause` in a word or two, and a `clause` after "because"."""

    cause: str
    clause: str

    @property
    def comment(self) -> str:
        """The reason as a sentence, for a comment in the source."""
        return f"Standalone, because {self.clause.removesuffix('.')}."


_REQUESTED = Reason("requested", "it was requested")


def port(
    recipe: Recipe,
    to: str,
    pythons: Mapping[str, str] | None = None,
    *,
    standalone: bool = False,
    ulp: float | None = None,
) -> Port:
    """Return *recipe* as source for the backend *to*, run there if that framework is installed.

    The source uses the framework's own classes if they match the specification for this recipe,
    and is standalone if they do not or if *standalone* asks for it; for `numpy` it is a plain
    function. Rates match to within rounding or, where *ulp* is given, to within so many units in
    the last place. *pythons* maps backends to interpreters. Raises `BadInput` for an unknown
    backend, and for a mode that supports neither style.
    """
    if to == NUMPY:
        source = plain(recipe)
        reason = "A plain function, which needs no framework."
        return Port(source, STANDALONE, reason, by_engine(source, recipe, NUMPY), "requested")
    if to not in backends():
        raise BadInput("--to", to, f"one of {', '.join(backends())}, {NUMPY}")
    case = Case("port", "", recipe)
    (result,) = ports([(case, backend_of(to))], pythons, standalone=standalone, ulp=ulp)
    if isinstance(result, Unsupported):
        expected = f"a schedule that {backend_of(to).title} supports: {result}"
        raise BadInput("$.schedule", recipe.kind, expected) from result
    return result


def ports(
    wanted: Sequence[tuple[Case, Backend]],
    pythons: Mapping[str, str] | None = None,
    *,
    standalone: bool = False,
    brief: bool = False,
    ulp: float | None = None,
) -> list[Port | Unsupported]:
    """Return the port of each case to its backend, or why the backend supports neither style.

    All frameworks run in parallel. With *brief* only representative cases are run under every
    scenario. *pythons*, *standalone* and *ulp* are as in `port`.
    """
    scenarios_by_case: dict[tuple[str, int], list[Scenario]] = {}

    def scenarios(case: Case, backend: Backend) -> list[Scenario]:
        longest = backend.mode.longest or LONGEST
        if (case.id, longest) not in scenarios_by_case:
            thorough = case.representative or not brief
            scenarios_by_case[case.id, longest] = scenarios_of(case, longest, thorough=thorough)
        return scenarios_by_case[case.id, longest]

    natives = verified(
        [
            _REQUESTED if standalone else _native(case, backend, scenarios(case, backend), ulp)
            for case, backend in wanted
        ],
        pythons,
    )
    reasons = [n if isinstance(n, Reason) else _reason_against(n) for n in natives]
    standalones = verified(
        [
            None if reason is None else _standalone(case, backend, reason, scenarios(case, backend))
            for (case, backend), reason in zip(wanted, reasons, strict=True)
        ],
        pythons,
    )
    return list(map(_choose, natives, reasons, standalones))


def _native(
    case: Case, backend: Backend, scenarios: Sequence[Scenario], ulp: float | None
) -> Candidate | Reason:
    """Return the native source of *case*, or why there is none."""
    no_class = f"{backend.title} has no class for it"
    try:
        emitted = emit(case.recipe, backend)
    except Unsupported as unsupported:
        return Reason("no class", f"{no_class}: {unsupported}")
    if any(f"class {name}:" in emitted.text for name in emitted.classes):
        return Reason("no class", f"{no_class}: a training loop has to set the rate")
    runs = runs_of(case, backend, emitted, EXPLICIT, scenarios)
    return Candidate(backend, case.recipe, emitted, runs, ulp)


def _standalone(
    case: Case, backend: Backend, reason: Reason, scenarios: Sequence[Scenario]
) -> Candidate | Unsupported:
    """Return the standalone source of *case*, or why there is none."""
    try:
        emitted = emit(case.recipe, backend, STANDALONE, because=reason.comment)
    except Unsupported as unsupported:
        return unsupported
    runs = runs_of(case, backend, emitted, STANDALONE, scenarios)
    return Candidate(backend, case.recipe, emitted, runs, MAX_ULP)


def _reason_against(native: Candidate) -> Reason | None:
    """Return why native source does not serve, None if it matches the specification."""
    mismatch = native.mismatch
    if mismatch is None:
        return None
    version = native.version or native.backend.pins[0].partition("==")[2]
    if mismatch.verdict == "conforms":
        errors = f"{mismatch.max_ulp_error:.3g} ULP, {mismatch.max_rel_error:.2g} of the peak"
        return Reason(
            "rounding", f"the rounding errors of {_classes(native, version)} add up to {errors}"
        )
    cause = mismatch.departures[0] if mismatch.departures else "unpredicted"
    return _divergence(native, version, mismatch.run.scenario, cause, mismatch.explanation)


def _divergence(
    native: Candidate, version: str, scenario: ScenarioId, kind: str, explanation: str
) -> Reason:
    differ = "differs" if len(native.emitted.classes) == 1 else "differ"
    return Reason(kind, f"{_classes(native, version, scenario)} {differ}: {explanation}")


def _classes(native: Candidate, version: str, scenario: ScenarioId | None = None) -> str:
    """Return the classes of a native source and the version, and when they differ if not always."""
    when = ""
    if scenario is not None and scenario.name == "groups":
        when = ", with a second parameter group"
    elif scenario is not None and scenario.name == "resume_state":
        when = f", saved and loaded at step {scenario.step}"
    *most, last = native.emitted.classes
    names = f"{', '.join(most)} and {last}" if most else last
    return f"{names} ({native.backend.title} {version}{when})"


def _choose(
    native: Candidate | Reason,
    reason: Reason | None,
    standalone: Candidate | Unsupported | None,
) -> Port | Unsupported:
    """Return the native source if it matches, else the standalone source unless it differs too.

    Where both differ, the mode is the cause and not the classes: the native source is returned.
    """
    if isinstance(standalone, Candidate) and reason is not None:
        both_differ = (
            isinstance(native, Candidate) and native.version and standalone.mismatch is not None
        )
        if not both_differ:
            return _port(standalone, STANDALONE, reason.comment, reason.cause)
    if isinstance(native, Candidate):
        if reason is None:
            return _port(native, NATIVE, f"{native.backend.title}'s own classes", "conforms")
        clause = f"{reason.clause.removesuffix('.')}; a standalone source differs too."
        return _port(native, NATIVE, f"Native, although {clause}", reason.cause)
    return Unsupported(f"{native.clause}; and {standalone}")


def _port(candidate: Candidate, style: str, reason: str, cause: str) -> Port:
    certificate = candidate.certificate(style)
    return Port(candidate.emitted.text, style, reason, certificate, cause, candidate.findings)
