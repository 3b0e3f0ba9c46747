"""Formulas are typeset from their own trees."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from lrspec.report.mathml import mathml
from lrspec.report.reference import formulas
from lrspec.spec.formula.grammar import parse
from lrspec.spec.schedule import schedules


def text_of(formula: str, *names: str) -> str:
    made = mathml("y", parse(formula, frozenset(names)))
    return unescape(re.sub("<[^>]*>", "", made))


@pytest.mark.parametrize("kind", schedules())
def test_every_formula_of_the_specification_is_well_formed(kind: str):
    for formula in formulas(schedules()[kind]):
        assert ET.fromstring(formula).tag == "math"  # noqa: S314 - made from the specification


def test_an_operand_that_binds_less_is_in_parentheses():
    assert text_of("a * (b + c)", "a", "b", "c") == "y=a·(b+c)"
    assert text_of("a * b + c", "a", "b", "c") == "y=a·b+c"
    assert text_of("a - (b - c)", "a", "b", "c") == "y=a−(b−c)"


def test_a_division_is_a_fraction_and_a_power_is_raised():
    made = mathml("y", parse("a / b ** 2", frozenset({"a", "b"})))
    assert "<mfrac>" in made
    assert "<msup>" in made
