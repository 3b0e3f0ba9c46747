"""The page's script: its modules, joined, and what they must have in common with lrspec's own."""

from __future__ import annotations

import json
import re

import pytest

from lrspec.bindings.backend import backends
from lrspec.dialect.dialect import protocol_of
from lrspec.dialect.functions import FUNCTIONS as RULE_FUNCTIONS
from lrspec.report.payload import models
from lrspec.report.script import asset, modelled, script
from lrspec.report.sides import compared
from lrspec.spec.formula.functions import ELEMENTARY, FUNCTIONS


def keys(text: str, table: str) -> set[str]:
    """Return the keys of a table in the text of a module."""
    (body,) = re.findall(rf"const {table} = {{\n(.*?)\n}};", text, re.DOTALL)
    return set(re.findall(r"^  (\w+)[:,]", body, re.MULTILINE))


def test_the_page_has_every_function_of_the_formula_language():
    assert keys(asset("functions.mjs"), "FUNCTIONS") == set(FUNCTIONS)


def test_the_page_has_every_function_of_the_rules():
    assert keys(asset("python.mjs"), "PYTHON_FUNCTIONS") == set(RULE_FUNCTIONS)


def test_a_function_of_a_recipe_may_call_what_python_has():
    text = asset("python.mjs")
    spread = set(re.findall(r'"(\w+)"', re.findall(r"fromEntries\(\[(.*?)\]", text)[0]))
    assert keys(text, "MATH") | spread == ELEMENTARY


def test_the_page_steps_every_framework_that_it_compares():
    assert {backend.framework for backend in compared()} == set(modelled())
    assert list(models()["backends"]) == [backend.name for backend in compared()]


@pytest.mark.parametrize("name", modelled())
def test_a_protocol_has_the_classes_and_functions_that_the_rules_name(name: str):
    backend = backends()[name]
    text = (backend.folder / "dialect" / "protocol.mjs").read_text(encoding="utf-8")
    dialect = models()["frameworks"][name]["dialect"]
    exported = re.findall(r"export const classes = {(.*?)}", text)[0].replace(" ", "").split(",")
    bases = {rule.get("extends", dialect["base"]) for rule in dialect["rules"].values()}
    assert bases | set(protocol_of(backend).CLASSES) <= set(exported)
    functions = protocol_of(backend).FUNCTIONS
    rules = json.dumps(dialect["rules"])
    assert keys(text, "functions") == {f for f in functions if re.search(rf"\b{f}\(", rules)}


def test_no_module_is_joined_twice():
    modules = re.findall(r"^modules\.(\w+) = ", script(), re.MULTILINE)
    assert len(modules) == len(set(modules))
    assert "import " not in re.sub(r"/\*\*.*?\*/|import\(", "", script(), flags=re.DOTALL)
