"""Mutants of source: one change each, everywhere that runs and nowhere else."""

from __future__ import annotations

import ast

import pytest
from source_mutants import mutants


def changes(statement: str) -> dict[str, str]:
    """Return the changed lines of a method with *statement*, by what was changed."""
    text = f"class X:\n    def f(self, x):\n        {statement}"
    found = list(mutants(text))
    assert {mutant.owner for mutant in found} <= {"X"}
    return {mutant.what: mutant.text.splitlines()[-1].strip() for mutant in found}


@pytest.mark.parametrize(
    ("statement", "what", "line"),
    [
        ("return x < 3", "Lt becomes LtE", "return x <= 3"),
        ("return x in y", "In becomes NotIn", "return x not in y"),
        ("return x < 3", "3 becomes 4", "return x < 4"),
        ("return x < 3", "the returned value is dropped", "return None"),
        ("return x - 1", "Sub becomes Add", "return x + 1"),
        ("return x - 1", "operands are swapped", "return 1 - x"),
        ("return x and y", "and becomes or, or the reverse", "return x or y"),
        ("return not x", "not is dropped", "return x"),
        ("return True", "True becomes False", "return False"),
        ("return 'a'", "a text is changed", "return 'ax'"),
        ("return ['a', 'b']", "an item is dropped", "return ['b']"),
        ("return self.a + self.b", "self.a becomes self.b", "return self.b + self.b"),
        ("raise ValueError('no')", "ValueError becomes RuntimeError", "raise RuntimeError('no')"),
        ("x = 3", "a statement is deleted", "pass"),
        ("g(x)", "a statement is deleted", "pass"),
    ],
)
def test_a_change_is_made(statement: str, what: str, line: str):
    assert changes(statement)[what] == line


def test_docstrings_and_annotations_are_left_alone():
    text = (
        'class X:\n    """Text."""\n\n    def f(self, x: int | None) -> "X":\n        """Text."""'
    )
    assert list(mutants(text)) == []


def test_a_default_is_changed():
    (mutant,) = mutants("def _f(x=0.1):\n    pass")
    assert ast.unparse(ast.parse(mutant.text)) == "def _f(x=1.1):\n    pass"
    assert str(mutant) == "_f, line 1: 0.1 becomes 1.1"


def test_each_mutant_has_a_change_of_its_own():
    text = "def _f(x):\n    return x < 1 and x > 2\n\n\ndef _g(x):\n    return x + 1"
    found = [mutant.text for mutant in mutants(text)]
    assert len(found) == len(set(found)) == 9
    assert all(ast.unparse(ast.parse(text)) != other for other in found)
