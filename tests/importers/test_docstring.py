"""The docstring of a source that is written out: it holds the recipe, and nothing gets out of it."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import pytest
from written import grouped

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.codegen.emit import emit
from lrspec.codegen.module import MARK
from lrspec.codegen.plain_function import functions_of, plain
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.importers.docstring import claim_of
from lrspec.port.equivalence import first_difference
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import cases

pytestmark = pytest.mark.every_python

_MODES = list(backends().values())


def documented(source: str) -> dict:
    """Return the recipe that a docstring of *source* holds."""
    found = [
        ast.get_docstring(node, clean=True)
        for node in ast.parse(source).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    (docstring,) = (d for d in found if d and f"\n{MARK}\n" in d)
    return json.loads(docstring.partition(f"\n{MARK}\n")[2])


def standalone(recipe: Recipe, backend: Backend) -> str:
    """Return the exact source of *recipe*, the plain one where a mode can follow none."""
    try:
        return emit(recipe, backend, STANDALONE).text
    except Unsupported:
        return plain(recipe)


def test_a_docstring_holds_the_recipe():
    for case in cases():
        for recipe in (
            (case.recipe, grouped(case.recipe)) if case.representative else (case.recipe,)
        ):
            for source in (plain(recipe), standalone(recipe, backend_of("paddle"))):
                given = {n: value for n, value in recipe.given.items() if n != "metrics"}
                expected = replace(recipe, about=None, given=given)
                assert from_dict(documented(source)) == expected, case.id


@pytest.mark.parametrize(
    "factor",
    [
        '1 # """ + open("x") + """',
        "1 # \\",
        '1 # \\"""',
        "1 #\n",
        "1 # '''",
        "0.5 ** t # {t} $t ${name} {name}",
    ],
)
def test_a_strangers_formula_stays_within_the_docstring(factor: str):
    recipe = from_dict({"schedule": "lambda", "base_lr": 1, "factor": factor})
    for source in (plain(recipe), *(standalone(recipe, backend) for backend in _MODES)):
        assert documented(source)["factor"] == factor
        names = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
        assert names <= {"t", "int", "float", "factor", "LambdaLR", "LambdaDecay", "optimizer"}


def test_a_recipe_in_a_docstring_is_broken_between_its_items():
    recipe = {"schedule": "multistep", "base_lr": 1, "milestones": list(range(1, 400, 7))}
    written = plain(from_dict(recipe))
    assert max(map(len, written.splitlines())) <= 100
    assert documented(written) == {**recipe, "base_lr": 1.0}


@pytest.mark.parametrize("separator", [" + ", "+"])
def test_a_long_formula_in_a_docstring_is_broken_at_its_spaces(separator: str):
    factor = separator.join(f"{n}.5*cos(t/{n})" for n in range(1, 30))
    recipe = from_dict({"schedule": "lambda", "base_lr": 1, "factor": factor})
    source = plain(recipe)
    assert max(map(len, source.splitlines())) <= 100
    read = claim_of(functions_of(source)["rate"].__doc__, "$")
    assert first_difference(recipe, read) == ""
    assert (read.given["factor"] == factor) is (separator == " + ")


@pytest.mark.parametrize("factor", ["0.5 ** t  # two  spaces " * 9, "t # " + "é" * 150])
def test_a_formula_with_a_long_comment_is_the_same_formula_in_the_docstring(factor: str):
    recipe = from_dict({"schedule": "lambda", "base_lr": 1, "factor": factor})
    read = claim_of(functions_of(plain(recipe))["rate"].__doc__, "$")
    assert first_difference(recipe, read) == ""
