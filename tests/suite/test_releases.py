"""Each release of PyTorch did what its dialect predicts, and the ranges of the rules are found again.

The traces were recorded in grafts: the schedulers of each release over the installed PyTorch.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from released import RECORDED, observations, runs

from lrspec import resources
from lrspec.bindings.backend import backend_of
from lrspec.dialect import prediction
from lrspec.dialect.classes import classes
from lrspec.dialect.dialect import Dialect, _protocol, dialect_of
from lrspec.dialect.versions import of_version
from lrspec.runtime.grafts import releases
from lrspec.suite.findings import finding, predicted
from lrspec.verdict.unpredicted import unpredicted

TORCH = backend_of("torch")
RELEASES = list(releases(TORCH))
RULES = resources.read_json(TORCH.folder / "dialect" / "classes.json")


def test_every_release_is_recorded_in_few_bytes():
    assert set(observations("torch")) == set(RELEASES)
    assert min(map(len, observations("torch").values())) > 500
    assert sum(path.stat().st_size for path in Path(RECORDED).iterdir()) < 10**7


@pytest.mark.parametrize("release", RELEASES)
def test_every_recorded_run_of_a_release_is_as_predicted(release: str):
    planned = runs("torch")
    recorded = observations("torch")[release]
    assert set(recorded) <= set(planned), "a recorded run is no longer planned"
    findings = [finding(planned[run].of(release), seen) for run, seen in recorded.items()]
    assert {f.run: f.explanation for f in findings if f.verdict in (None, "unpredicted")} == {}


@pytest.mark.parametrize(("before", "after"), [("2.5.1", "2.6.0"), ("2.9.1", "2.10.0")])
def test_the_runs_of_a_release_are_not_as_predicted_for_another(before: str, after: str):
    planned = runs("torch")
    for one, other in ((before, after), (after, before)):
        recorded = observations("torch")[one]
        verdicts = {finding(planned[run].of(other), recorded[run]).verdict for run in recorded}
        assert "unpredicted" in verdicts


def _choices(rule: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each object whose keys are ranges."""
    if isinstance(rule, dict) and all(name[:1] in "<>" for name in rule):
        yield path
    elif isinstance(rule, (dict, list)):
        items = rule.items() if isinstance(rule, dict) else enumerate(rule)
        for name, part in items:
            yield from _choices(part, (*path, name))


def _at(path: tuple[Any, ...]) -> Any:
    rule = RULES
    for name in path:
        rule = rule[name]
    return rule


def _decides(variant: Any) -> bool:
    """Return whether a variant does more than to name a departure."""
    return not isinstance(variant, dict) or bool(variant.get("raise") or variant.get("then"))


#: A check that no recipe fails: its numbers are numbers.
UNSEEN = [("CosineAnnealingWarmRestarts", "init", 2)]
#: Those that decide what happens; one that only names a departure decides no rate.
CHOICES = [
    path
    for path in _choices(RULES)
    if path not in UNSEEN and any(map(_decides, _at(path).values()))
]


def _with_variant(path: tuple[Any, ...], variant: Any, release: str) -> Dialect:
    """Return the dialect of *release* with one variant of the rule at *path*, whatever its range."""
    rules = copy.deepcopy(RULES)
    holder = rules
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = {"<0" if variant is None else ">=0": variant}
    real = dialect_of(TORCH.of(release))
    protocol = _protocol("torch", TORCH.folder / "dialect" / "protocol.py", real.version)
    return replace(real, classes=classes(of_version(rules, real.version), protocol))


def _holds(dialect: Dialect, release: str, patch: pytest.MonkeyPatch, name: str = "") -> bool:
    """Return whether the recorded runs of *release*, of the class *name*, are as *dialect* predicts."""
    patch.setattr(prediction, "dialect_of", lambda _: dialect)
    for run_id, seen in observations("torch")[release].items():
        run = runs("torch")[run_id]
        if run.emitted is not None and (not name or name in run.emitted.classes):
            expected = predicted(run.of(release))
            if unpredicted(run.scenario, expected, seen) is not None:
                return False
    return True


def _last(holds: Callable[[str], bool], low: int) -> str:
    """Return the last release in which *holds* is true, found by bisection from *low* on."""
    high = len(RELEASES)
    while high - low > 1:  # true at low, false at high
        middle = (low + high) // 2
        if holds(RELEASES[middle]):
            low = middle
        else:
            high = middle
    return RELEASES[low]


@pytest.mark.parametrize("path", CHOICES, ids=lambda path: "-".join(map(str, path)))
def test_bisection_finds_the_ranges_of_a_rule(
    path: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
):
    """The last release in which each variant holds, and the first of the next, are those typed."""
    typed = _at(path)
    of_release = [
        next((text for text in typed if Version(v) in SpecifierSet(text)), None) for v in RELEASES
    ]
    order = list(dict.fromkeys(of_release))
    assert len(order) > 1
    for early in order[:-1]:
        variant = None if early is None else typed[early]

        def holds(release: str, variant: Any = variant) -> bool:
            return _holds(_with_variant(path, variant, release), release, monkeypatch, path[0])

        last = max(i for i, text in enumerate(of_release) if text == early)
        assert _last(holds, of_release.index(early)) == RELEASES[last]


SOURCE = (TORCH.folder / "dialect" / "protocol.py").read_text(encoding="utf-8")
#: What no recorded run shows, by its line, and why.
UNSEEN_LINES = {
    "LAST = ": "no source passes verbose",
    "if len(value) != count": "every list has an entry per group",
    'fills = since("2.10")': "shows if a sequence of warm restarts has a tensor as its rate",
    "class Plateau(": "get_last_lr() has no result before the first step, and later the reported one",
    "late_group = ": "it only names the departure",
    'if not since("2.4")': "no recipe puts a plateau into a composition",
}


def _line(match: re.Match[str]) -> str:
    return SOURCE[SOURCE.rfind("\n", 0, match.start()) + 1 : match.end()].strip()


SINCE = [
    match
    for match in re.finditer(r'since\("([0-9.]+)"\)', SOURCE)
    if not _line(match).startswith((*UNSEEN_LINES,))
]


def _without(match: re.Match[str], release: str) -> Dialect:
    """Return the dialect of *release* as if it were before the one in *match*."""
    module = ModuleType("protocol")
    file = str(TORCH.folder / "dialect" / "protocol.py")
    vars(module).update({"VERSION": Version(release), "__file__": file})
    exec(SOURCE[: match.start()] + "False" + SOURCE[match.end() :], vars(module))  # noqa: S102
    made = classes(of_version(RULES, Version(release)), module)
    return replace(dialect_of(TORCH.of(release)), classes=made, session=module.Session)


@pytest.mark.parametrize(
    "match", SINCE, ids=lambda m: f"{m[1]}-line-{SOURCE.count(chr(10), 0, m.start()) + 1}"
)
def test_bisection_finds_since_when_the_protocol_holds(
    match: re.Match[str], monkeypatch: pytest.MonkeyPatch
):
    first = next(i for i, v in enumerate(RELEASES) if Version(v) >= Version(match[1]))

    def holds(release: str) -> bool:
        return _holds(_without(match, release), release, monkeypatch)

    assert _last(holds, 0) == RELEASES[first - 1]
