"""Every kind of divergence has a fake that shows it and nothing else, and the suite names it."""

from __future__ import annotations

import ast

import pytest
from flaws.matrix import FAKES, RIGHT, ROUNDING, Answer, answers
from flaws.table import FLAWS, Flaw

from lrspec import resources
from lrspec.scenario.simulation import CLOSED, OWN, RECURSIVE, RESTATED
from lrspec.suite.findings import finding
from lrspec.verdict import explain, ledger
from lrspec.verdict.hypotheses import AFTER_A_CHANGE, HYPOTHESES, Hypothesis, composed

RECIPES = 20  # of each flaw; benchmarks/confusion.py asks of two hundred


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    return answers(FLAWS, RECIPES, tmp_path_factory.mktemp("fakes"))


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name)
def test_the_suite_names_the_kind_the_first_step_and_the_extent(found, flaw: Flaw):
    mine = [answer for answer in found if answer.flaw is flaw]
    assert len(mine) == RECIPES
    assert [(a.run.case.id, a.said) for a in mine] == [(a.run.case.id, a.right) for a in mine]


def test_the_toy_framework_agrees_with_the_specification_wherever_a_flaw_was_shown(found):
    assert [answer.run.case.id for answer in found if not answer.honest] == []


def test_every_flaw_shows(found):
    """A divergence has a first step, by the toy's own traces; what conforms has none."""
    for answer in found:
        lost = answer.finding.status != "trace" or answer.finding.verdict == "errored"
        shows = answer.finding.verdict == "diverges"
        assert lost or (answer.right.first is not None) == (shows or answer.flaw.kind == "drift")


def test_no_error_lies_so_near_the_bound_that_rounding_would_decide(found):
    for answer in found:
        errors = answer.errors[answer.errors > 0]
        near = errors[(errors > ROUNDING * 0.999) & (errors < ROUNDING * 1.001)]
        assert near.size == 0, answer.run.case.id


def test_every_flaw_has_a_name_of_its_own():
    assert len({flaw.name for flaw in FLAWS}) == len(FLAWS)


def test_every_recipe_of_a_flaw_is_another(found):
    for flaw in FLAWS:
        mine = [answer for answer in found if answer.flaw is flaw]
        assert len({repr(answer.run.case.recipe) for answer in mine}) > RECIPES / 2, flaw.name


def hypotheses() -> list[tuple[str, Hypothesis]]:
    every = [("HYPOTHESES", one) for one in HYPOTHESES]
    return [*every, *(("AFTER_A_CHANGE", one) for one in AFTER_A_CHANGE)]


@pytest.mark.parametrize(
    ("listed", "hypothesis"), hypotheses(), ids=lambda one: getattr(one, "__name__", one)
)
def test_without_a_hypothesis_some_flaw_is_not_named(
    found, listed: str, hypothesis: Hypothesis, monkeypatch
):
    rest = [one for one in getattr(explain, listed) if one is not hypothesis]
    monkeypatch.setattr(explain, listed, rest)
    first = {answer.flaw: answer for answer in found}
    assert any(finding(a.run, a.seen).kind != a.right.kind for a in first.values())


def test_every_fake_with_a_flaw_is_in_the_table_or_tested_by_name():
    named = (resources.root() / "tests" / "suite" / "test_fakes.py").read_text(encoding="utf-8")
    table = {flaw.fake for flaw in FLAWS} | set(RIGHT)
    for path in FAKES.glob("*.py"):
        assert path.stem in table or f'"{path.stem}"' in named, path.stem


def test_the_toy_framework_shares_nothing_with_the_reference():
    for path in FAKES.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not [name for name in names if name.startswith(("lrspec", "numpy"))], path.name


def test_every_kind_that_a_hypothesis_names_has_a_fake():
    """The words of the verdict's own source: a kind that is added there needs a fake."""
    shown = {part for flaw in FLAWS for part in flaw.kind.split(", ")}
    rooms = resources.root() / "src" / "lrspec" / "verdict"
    for path in [rooms / "explain.py", *(rooms / "hypotheses").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "Prediction",
                "Explanation",
            ):
                kind = node.args[0]
                if isinstance(kind, ast.Constant):
                    assert kind.value in shown, f"{path.name}: {kind.value}"
    assert set(composed._KINDS.values()) <= shown
    assert {CLOSED, RECURSIVE, OWN, RESTATED} <= {flaw.kind for flaw in FLAWS}


def test_every_kind_in_the_ledger_has_a_fake_that_shows_all_of_it():
    """What is put together from two kinds or more has a fake of its own."""
    shown = {flaw.kind for flaw in FLAWS}
    lost = {"crashed"}  # no trace, no kind: tests/suite/test_fakes.py
    kinds = {entry.kind for entry in ledger.entries()}
    assert kinds - lost <= shown
