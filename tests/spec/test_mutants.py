"""No formula of the specification can change unnoticed: each of its mutants makes a check fail."""

from __future__ import annotations

import copy
from collections import Counter

import pytest
import trial
from mutants import FORMULA, Mutant, changes, mutants, normal, places

from lrspec import resources
from lrspec.spec import parameter, schedule
from lrspec.spec.schedule import from_document, schedules

EQUIVALENT = resources.read_json(resources.root() / "tests" / "equivalent_mutants.json")


def listed(kind: str) -> Counter[str]:
    """Return the equivalent mutants of a schedule, each as a line."""
    entries = [entry for entry in EQUIVALENT if kind in entry["schedules"]]
    return Counter(f"{entry['place']}: {normal(entry['mutant'])}" for entry in entries)


@pytest.mark.parametrize("kind", schedules())
def test_a_mutant_makes_a_check_fail_or_is_listed_as_equivalent(kind: str):
    every = list(mutants(schedules()[kind].document))
    survivors = Counter(f"{m.place}: {m.after}" for m in every if trial.verdict(m) is None)
    assert not survivors - listed(kind), "these survive every check"
    assert not listed(kind) - survivors, (
        "these are listed, but make a check fail or are not mutants"
    )


def test_an_equivalent_mutant_has_a_reason_and_a_schedule():
    for entry in EQUIVALENT:
        assert set(entry) == {"schedules", "place", "mutant", "because"}
        assert entry["because"]
        assert set(entry["schedules"]) <= set(schedules())


def test_changes_are_one_constant_or_one_operator_each():
    assert changes("3") == ["4", "2", "0"]
    assert changes("0.5") == ["0.505", "1.5", "0"]
    assert changes("pi") == ["3", "0"]
    assert changes("a + b") == ["a - b", "a * b", "a / b", "a // b", "a % b", "a ** b"]
    assert changes("a < b") == ["a <= b", "a > b", "a >= b", "a == b", "a != b"]
    assert changes("a < b and not c")[:3] == ["a < b or not c", "a < b", "not c"]
    assert changes("a < b and not c")[-1] == "a < b and c"
    assert changes("-a") == ["a"]
    assert changes("a if b else c") == ["c if b else a", "a", "c"]
    assert changes("max(a, b)") == ["min(a, b)", "a", "b"]
    assert changes("cos(floor(a))")[-2:] == ["cos(abs(a))", "cos(ceil(a))"]
    assert changes("f(t + 1)", frozenset({"f"}))[-2:] == ["f(t + 2)", "f(t + 0)"]


@pytest.mark.parametrize("kind", schedules())
def test_every_formula_that_is_read_from_a_schedule_has_mutants(
    kind: str, monkeypatch: pytest.MonkeyPatch
):
    read: Counter[str] = Counter()

    def spied(text, *rest, **more):
        read[text] += 1
        return parse(text, *rest, **more)

    parse = schedule.parse
    for module in (schedule, parameter):
        monkeypatch.setattr(module, "parse", spied)
    from_document(schedules()[kind].document)
    formulas = places(schedules()[kind].document)
    assert read == Counter(
        text
        for path, text in formulas.items()
        if path[0] not in ("range", "anchors") and path[-1] != "default"
    )
    assert all("value" in path for path in formulas if path[0] == "anchors")


def test_every_string_that_the_schema_calls_a_formula_is_marked_as_one():
    def described(node) -> int:
        if isinstance(node, dict):
            own = "formula in lrspec" in node.get("description", "") and "$ref" not in node
            return own + sum(map(described, node.values()))
        return sum(map(described, node)) if isinstance(node, list) else 0

    path = resources.root() / "spec" / "schema" / "schedule.schema.json"
    document = resources.read_json(path)
    assert described(document) == described(document["$defs"]) == 1
    assert path.read_text(encoding="utf-8").count(FORMULA) > 10


@pytest.mark.parametrize("kind", ["chained", "sequential", "exponential"])
def test_an_unchanged_schedule_passes_every_check(kind: str):
    with trial.in_force(kind, copy.deepcopy(schedules()[kind].document)):
        assert [name for name in trial.CHECKS if trial.red(name, kind)] == []


@pytest.mark.parametrize(
    ("check", "kind", "change"),
    [
        ("anchors", "constant", {"closed": "base_lr"}),
        ("recorded", "constant", {"closed": "base_lr"}),
        ("recorded", "step", {"span": "9"}),
        ("recorded", "cyclic", {"landmarks": {}}),
        ("forms", "exponential", {"recursive": {"next": "prev"}}),
        ("ranges", "cosine_decay", {"range": {"lower": "0", "upper": "9"}}),
        ("landmarks", "cosine_decay", {"end": {"at": "1", "then": "hold"}}),
        ("scaling", "noam", {"scales_with_base": "0"}),
        ("constraints", "multistep", {"constraints": [{"formula": "1"}]}),
        ("written", "lambda", {"span": "7"}),
    ],
)
def test_each_check_can_turn_red(check: str, kind: str, change: dict):
    document = copy.deepcopy(schedules()[kind].document)
    if "constraints" in change:
        document["constraints"][0] |= change["constraints"][0]
    else:
        document |= change
    with trial.in_force(kind, document):
        assert trial.red(check, kind)
    assert schedules()[kind].document != document
    assert not trial.red(check, kind)


def test_a_mutant_that_cannot_be_read_is_red():
    document = {**schedules()["step"].document, "closed": "base_lr * gama"}
    mutant = Mutant("step", ("closed",), "base_lr * gamma", "base_lr * gama", document)
    assert trial.verdict(mutant) == "reading"
