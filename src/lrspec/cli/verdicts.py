"""The verdicts on a user's own recipes: one per recipe and framework, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrspec.bindings.backend import backend_of
from lrspec.bindings.document import EXPLICIT
from lrspec.check.result import explained
from lrspec.cli.terminal import BAD, CAUTION, GOOD, signed, wrapped
from lrspec.report.groups import title_of
from lrspec.verdict.results import Finding, Results

_SCENARIOS = 3  # that are named
_PLAIN = ("stepwise", "metrics", "long")  # scenarios whose step is their length
_WORST = ("unpredicted", "departs", "conforms")
_WORDS = {
    "unpredicted": "does something unpredicted",
    "departs": "does not use the specified rates",
    "conforms": "conforms",
}


def own_verdicts(results: Results, width: int) -> Iterator[str]:
    """Yield, for each recipe, a verdict per framework and the reason of each that is bad."""
    for case in dict.fromkeys(finding.case for finding in results.findings):
        yield from wrapped(case, width, "  ")
        of_case = [finding for finding in results.findings if finding.case == case]
        for framework in dict.fromkeys(backend_of(f.backend).framework for f in of_case):
            found = [f for f in of_case if backend_of(f.backend).framework == framework]
            yield from _verdict(framework, found, results, width)
    absent = [name for name, version in results.versions.items() if version is None]
    if absent:
        reasons = {f.explanation for f in results.findings if f.status == "absent"}
        why = "`lrspec doctor` says why" if len(reasons) > 1 else "".join(reasons)
        names = ", ".join(map(title_of, absent))
        yield from signed("-", f"Not run: {names}: {why}.", width, dim=True)


def line_of(finding: Finding) -> str:
    """Return one run on one line: what was run, the verdict, and its size or its reason."""
    argument_form = "" if finding.argument_form == EXPLICIT else f" ({finding.argument_form})"
    run = f"{finding.case}  {finding.backend}{argument_form}  {finding.scenario}"
    head = f"{run}  {finding.verdict or finding.status}"
    if finding.verdict == "conforms":
        form = f" ({finding.form})" if finding.form else ""
        later = f". {finding.explanation}" if finding.explanation else ""
        return f"{head}{form}: {_size([finding])} over {_updates(finding)}{later}"
    breaks = f"; breaks {finding.rules[0]}" if finding.rules else ""
    causes = f" ({', '.join(finding.departures)}{breaks})" if finding.departures else ""
    return f"{head}{causes}: {finding.explanation}"


def _verdict(
    framework: str, found: Sequence[Finding], results: Results, width: int
) -> Iterator[str]:
    """Yield the verdict of the plain mode with explicit arguments; the others if they are bad."""
    judged = [finding for finding in found if finding.verdict is not None]
    title = f"{title_of(framework)} {results.versions.get(framework) or ''}".rstrip()
    if not judged:
        unsupported = [finding for finding in found if finding.status == "unsupported"]
        if unsupported:
            yield from signed("-", f"{title} cannot run this: {unsupported[0].explanation}.", width)
        return
    main = [f for f in judged if _is_plain(f)] or judged
    verdict = next(name for name in _WORST if any(f.verdict == name for f in main))
    bad = sum(finding.verdict == verdict for finding in main)
    runs = f"{len(main)} run{'' if len(main) == 1 else 's'}{_longest(main)}"
    if verdict == "conforms":
        yield from signed("✓", f"{title} conforms: {_size(main)}, in {runs}.", width, GOOD)
    else:
        yield from signed("✗", f"{title} {_WORDS[verdict]} in {bad} of {runs}.", width, BAD)
    groups = _groups(main)
    for group in groups.values():
        yield from (f"  {line}" for line in signed(" ", _reason(group), width - 2))
    for name, group in _groups([finding for finding in judged if finding not in main]).items():
        if name not in groups:
            variants = " and ".join(dict.fromkeys(map(_variant, group)))
            yield from signed("!", f"{variants}, {_reason(group)}", width, CAUTION)
    for note in dict.fromkeys(f.explanation for f in main if f.verdict == "conforms"):
        if note:
            yield from signed("!", note, width, CAUTION)


def _is_plain(finding: Finding) -> bool:
    is_plain = backend_of(finding.backend).framework == finding.backend
    return is_plain and finding.argument_form == EXPLICIT


def _variant(finding: Finding) -> str:
    """Return how a run differs from the plain one: in its mode, or in its arguments."""
    title = title_of(finding.backend)
    return title if finding.argument_form == EXPLICIT else f"{title} with default arguments"


def _reason(group: Sequence[Finding]) -> str:
    """Return the scenarios of *group*, and why its shortest run does not conform."""
    parts = explained(min(group, key=lambda finding: finding.updates))
    why = f" Why: {parts.why}" if parts.why else ""
    instead = f" Instead: {parts.instead}" if parts.instead else ""
    return f"{_scenarios(group)}: {parts.what}{why}{instead}"


def _groups(found: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Return the findings that do not conform, by their first departure, or else scenario."""
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.verdict != "conforms":
            name = finding.departures[0] if finding.departures else finding.scenario
            groups.setdefault(name, []).append(finding)
    return groups


def _longest(found: Sequence[Finding]) -> str:
    scenarios = [finding.run.scenario for finding in found]
    steps = [s.step for s in scenarios if s.name in _PLAIN and s.step is not None]
    return f", the longest of {max(steps):,} updates" if steps else ""


def _updates(finding: Finding) -> str:
    scenario, recorded = finding.run.scenario, f"{finding.updates:,}"
    return f"{recorded} of {scenario.step:,} updates" if scenario.sampled else f"{recorded} updates"


def _scenarios(found: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(finding.scenario for finding in found))
    more = [f"{len(names) - _SCENARIOS} more"] if len(names) > _SCENARIOS else []
    return ", ".join([*names[:_SCENARIOS], *more])


def _size(found: Sequence[Finding]) -> str:
    """Return the largest error of runs that conform."""
    if all(finding.difference in ("exact", None) for finding in found):
        return "exact"
    kind = "drift" if any(f.difference == "drift" for f in found) else "rounding"
    return f"{kind}, at most {max(f.max_ulp_error or 0 for f in found):.3g} ULP"
