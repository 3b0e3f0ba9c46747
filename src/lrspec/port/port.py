"""Porting: a recipe as a framework's source, native or standalone, run there and certified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lrspec.bindings.backend import Backend, backend_of, backends, meant_backend
from lrspec.codegen.plain_function import NUMPY, plain
from lrspec.codegen.standalone import STANDALONE
from lrspec.engine.state_machine import continued
from lrspec.errors import BadInput, Unsupported, not_one_of
from lrspec.port.certificate import MAX_ULP, by_engine, certificate_of
from lrspec.port.original import NO_ORIGINALS, Original, comment_on, originals
from lrspec.port.result import Port
from lrspec.port.verification import NATIVE, Candidate, candidate_of, scenarios_of, verified
from lrspec.scenario.builders import LONGEST
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case


@dataclass(frozen=True)
class Reason:
    """Why a source is standalone: `cause` in a word or two, `clause` as it follows "because"."""

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
    as_specified: bool = False,
    hold_at_errors: bool = False,
) -> Port:
    """Return *recipe* as source for the backend *to*, run there if that framework is installed.

    The source has the rates that the recipe means: those of its dialect's framework, else, and
    with *as_specified*, those of the specification. It uses the framework's own classes if they
    have these rates, and is standalone if they do not or if *standalone* asks for it; for `numpy`
    it is a plain function. A state machine that was read in mid-run continues from its state there.
    Where the original raises an error, the port raises it at the same step, or with
    *hold_at_errors* holds the last rate. Rates match to within rounding or, if *ulp* is given, to
    within *ulp* units in the last place. *pythons* maps backends to interpreters. Raises `BadInput`
    for an unknown backend, a mode that supports neither style, and a recipe that its framework
    cannot express or rejects.
    """
    if to != NUMPY and to not in backends():
        raise not_one_of("--to", to, [*backends(), NUMPY], meant_backend(to))
    recipe = continued(recipe)
    if hold_at_errors:
        recipe = _holding(recipe)
    original = originals([Case("original", "", recipe)], pythons).get("original")
    case = Case("port", "", recipe.specified if as_specified else recipe)
    if to == NUMPY:
        try:
            return _plain(case.recipe, original)
        except Unsupported as unsupported:
            raise _not_portable(case.recipe, "a plain function", unsupported) from unsupported
    known = {} if original is None else {case.id: original}
    wanted = [(case, backend_of(to))]
    (result,) = ports(wanted, pythons, standalone=standalone, ulp=ulp, replaced=known)
    if isinstance(result, Unsupported):
        raise _not_portable(case.recipe, backend_of(to).title, result) from result
    return result


def _not_portable(recipe: Recipe, target: str, reason: Unsupported) -> BadInput:
    """Return the error that *target* cannot have the rates of *recipe*, and what may help."""
    specified = "" if recipe.dialect is None else "; the specified rates may do (--as-specified)"
    expected = f"a schedule that {target} supports: {reason}{specified}"
    return BadInput("$.schedule", recipe.kind, expected)


def _holding(recipe: Recipe) -> Recipe:
    """Return *recipe*, whose rates are held where its framework raises."""
    if recipe.dialect is None:
        return recipe  # the specification has a rate at every step
    return replace(recipe, dialect=replace(recipe.dialect, hold_at_errors=True))


def _plain(recipe: Recipe, original: Original | None) -> Port:
    source = plain(recipe)
    reason = "A plain function, which needs no framework."
    return Port(source, STANDALONE, reason, by_engine(source, recipe, NUMPY, original), "requested")


def ports(
    wanted: Sequence[tuple[Case, Backend]],
    pythons: Mapping[str, str] | None = None,
    *,
    standalone: bool = False,
    brief: bool = False,
    ulp: float | None = None,
    replaced: Mapping[str, Original] = NO_ORIGINALS,
) -> list[Port | Unsupported]:
    """Return the port of each case to its backend, or why the backend supports neither style.

    All frameworks run in parallel. With *brief* only representative cases are run in every
    scenario. *replaced* are the runs that the ports replace, by the cases' ids, where they were
    made before. *pythons*, *standalone* and *ulp* are as in `port`.
    """
    unknown = {case.id: case for case, _ in wanted if case.id not in replaced}
    known = {**replaced, **originals(unknown.values(), pythons)}
    by_case: dict[tuple[str, int], list[Scenario]] = {}
    scenarios = []
    for case, backend in wanted:
        longest = backend.mode.longest or LONGEST
        if (case.id, longest) not in by_case:
            thorough = case.representative or not brief
            every = scenarios_of(case, longest, thorough=thorough)
            if case.recipe.dialect is not None:
                every = [known[case.id].expected_in(scenario) for scenario in every]
            by_case[case.id, longest] = every
        scenarios.append(by_case[case.id, longest])
    natives = verified(
        [
            _REQUESTED if standalone else _native(case, backend, own, ulp, known.get(case.id))
            for (case, backend), own in zip(wanted, scenarios, strict=True)
        ],
        pythons,
    )
    reasons = [n if isinstance(n, Reason) else _reason_against(n) for n in natives]
    standalones = verified(
        [
            None if reason is None else _standalone(case, backend, own, reason, known.get(case.id))
            for (case, backend), own, reason in zip(wanted, scenarios, reasons, strict=True)
        ],
        pythons,
    )
    return list(map(_choose, natives, reasons, standalones))


def _native(
    case: Case,
    backend: Backend,
    scenarios: Sequence[Scenario],
    ulp: float | None,
    original: Original | None,
) -> Candidate | Reason:
    """Return the native source of *case*, or why there is none."""
    no_class = f"{backend.title} has no class for it"
    try:
        comment = comment_on(original, case.recipe)
        native = candidate_of(case, backend, NATIVE, scenarios, ulp, original, comment)
    except Unsupported as unsupported:
        return Reason("no class", f"{no_class}: {unsupported}")
    if any(backend.bindings.class_of(name).defined_in for name in native.emitted.classes):
        return Reason("no class", f"{no_class}: a training loop has to set the rate")
    return native


def _standalone(
    case: Case,
    backend: Backend,
    scenarios: Sequence[Scenario],
    reason: Reason,
    original: Original | None,
) -> Candidate | Unsupported:
    """Return the standalone source of *case*, or why there is none."""
    try:
        comment = f"{reason.comment}\n{comment_on(original, case.recipe)}"
        return candidate_of(case, backend, STANDALONE, scenarios, MAX_ULP, original, comment)
    except Unsupported as unsupported:
        return unsupported


def _reason_against(native: Candidate) -> Reason | None:
    """Return why native source cannot be used, None if it matches the specification."""
    mismatch = native.mismatch
    if mismatch is None:
        return None
    if mismatch.verdict == "conforms":
        errors = f"{mismatch.max_ulp_error:.3g} ULP, {mismatch.max_rel_error:.2g} of the peak"
        return Reason("rounding", f"the rounding errors of {_classes(native)} add up to {errors}")
    cause = mismatch.departures[0] if mismatch.departures else "unpredicted"
    return _difference(native, mismatch.run.scenario, cause, mismatch.explanation)


def _difference(native: Candidate, scenario: ScenarioId, kind: str, explanation: str) -> Reason:
    when = ""
    if scenario.name == "groups":
        when = ", with a second parameter group"
    elif scenario.name == "resume_state":
        when = f", saved and loaded at step {scenario.step}"
    differ = "differs" if len(native.emitted.classes) == 1 else "differ"
    return Reason(kind, f"{_classes(native, when)} {differ}: {explanation}")


def _classes(native: Candidate, when: str = "") -> str:
    """Return the classes of a native source, the version, and *when* they differ."""
    *most, last = native.emitted.classes
    names = f"{', '.join(most)} and {last}" if most else last
    return f"{names} ({native.backend.title} {_version(native)}{when})"


def _version(native: Candidate) -> str:
    """Return the version that was run, or else the pinned one."""
    return native.version or native.backend.version


def _choose(
    native: Candidate | Reason,
    reason: Reason | None,
    standalone: Candidate | Unsupported | None,
) -> Port | Unsupported:
    """Return the native source if it matches, else the standalone source unless it differs too.

    Where both differ, the mode is the cause and not the classes: the native source is returned.
    """
    if isinstance(native, Reason):
        if isinstance(standalone, Candidate):
            return _port(standalone, native.comment, native.cause)
        return Unsupported(f"{native.clause}; and {standalone}")
    if reason is None:
        return _port(native, f"{native.backend.title}'s own classes", "conforms")
    if not isinstance(standalone, Candidate):
        also = str(standalone)
    elif native.version is not None and standalone.mismatch is not None:
        also = "a standalone source differs too"
    else:
        return _port(standalone, reason.comment, reason.cause)
    clause = reason.clause.removesuffix(".")
    return _port(native, f"Native, although {clause}; {also}.", reason.cause)


def _port(candidate: Candidate, reason: str, cause: str) -> Port:
    text, certificate = candidate.emitted.text, certificate_of(candidate)
    return Port(text, candidate.style, reason, certificate, cause, candidate.findings)
