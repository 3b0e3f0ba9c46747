"""A port is pleasant to review: short lines, short classes, no running state, a header."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest
from written import difference, grouped

import lrspec
from lrspec.bindings.backend import backends
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.codegen.module import MARK
from lrspec.codegen.plain_function import plain
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.port.certificate import MAX_ULP
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import cases

WIDTH = 100
LONGEST_CLASS = 50
_TERMS = [f"{n}.5*cos(t/{n})" for n in range(1, 30)]
_TESTS = [f"t!={1000 * n}" for n in range(30)]
#: Formulas that are far longer than a line.
FORMULAS = {
    "sum": " + ".join(_TERMS),
    "no spaces": "+".join(_TERMS),
    "and": f"0.5 if {' and '.join(_TESTS)} else 0.25",
    "not": f"0.5 if not({' and '.join(_TESTS)}) and t<3 else 0.25",
    "cases": " else ".join([*(f"0.{n} if t < {n}00" for n in range(1, 30)), "0.1"]),
    "min": f"min({', '.join(f't*0.{n}' for n in range(1, 30))})",
}
GROUPS = [0.1 / 3**n for n in range(12)]
LONG = {
    **{name: {"schedule": "lambda", "factor": text} for name, text in FORMULAS.items()},
    "product": {"schedule": "multiplicative", "factor": FORMULAS["and"]},
    "floor": {"schedule": "cosine_annealing", "T_max": 9, "eta_min": 1e-5},
    "plateau": {"schedule": "reduce_on_plateau", "min_lr": 1e-3, "metrics": [0.5] * 500},
}


def _written(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Yield each source of *recipe* with its style."""
    yield STANDALONE, plain(recipe)
    for backend in backends().values():
        for style in (EXPLICIT, STANDALONE):
            with suppress(Unsupported):
                yield style, emit(recipe, backend, style, reason="Standalone, for a test.").text


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Every source of the suite, for one group and for two, by its text, with its style."""
    found = {
        text: style
        for case in cases()
        for recipe in (case.recipe, grouped(case.recipe))
        for style, text in _written(recipe)
    }
    assert len(found) > 10_000
    return found


def test_no_line_is_too_long(sources):
    assert {line for text in sources for line in text.splitlines() if len(line) > WIDTH} == set()
    assert not any("noqa" in text for text in sources)


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("bases", [0.1, [0.1, 0.01], GROUPS], ids=["one", "two", "twelve"])
def test_no_line_is_too_long_for_long_formulas_and_many_groups(name, bases):
    recipe = from_dict({**LONG[name], "base_lr": bases})
    for _, text in _written(recipe):
        ast.parse(text)
        assert max(map(len, text.splitlines())) <= WIDTH
        assert "noqa" not in text
    assert difference(recipe, plain(recipe)).max_ulp <= MAX_ULP


def test_a_module_has_functions_classes_and_constants_and_no_running_state(sources):
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    constants = set()
    for text in sources:
        for node in ast.parse(text).body:
            if not isinstance(node, allowed):
                assert isinstance(node, ast.Assign), ast.unparse(node)
                (target,) = node.targets
                ast.literal_eval(node.value)
                constants.add(target.id)
                others = text.replace(ast.get_source_segment(text, node), "")
                uses = rf"\b{target.id}(\.|\[[^\]]*\] *[-+*/]?=|\s*[-+*/]?=[^=])"
                assert not re.search(uses, others)
        assert "global " not in text
    assert all(name.isupper() for name in constants)


def _classes(sources) -> Iterator[tuple[ast.ClassDef, int]]:
    """Yield each class with its number of lines, apart from the recipe in its docstring."""
    for text in sources:
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                docstring = (ast.get_docstring(node) or "").partition(f"\n{MARK}\n")[2]
                recipe = len(docstring.splitlines())
                yield node, node.end_lineno - node.lineno + 1 - recipe


def test_a_class_has_fewer_than_fifty_lines(sources):
    lines = {node.name: 0 for node, _ in _classes(sources)}
    assert {"ReduceOnPlateau", "RateAndMomentum", "OptimizerSchedule"} <= lines.keys()
    for node, count in _classes(sources):
        lines[node.name] = max(lines[node.name], count)
    assert max(lines.values()) < LONGEST_CLASS, lines


def test_the_header_of_a_standalone_source_holds_the_recipe_and_the_versions(sources):
    frameworks = {b.title: b.pins[0].partition("==")[2] for b in backends().values()}
    targets = {"", *(f" for {title} {version}" for title, version in frameworks.items())}
    found = set()
    for text, style in sources.items():
        if style == STANDALONE:
            (line,) = (line for line in text.splitlines() if "Written by" in line)
            before, _, target = line.strip().rstrip(".").partition(" for ")
            assert before.rstrip(".") == f"Written by lrspec {lrspec.__version__}"
            found.add(target and f" for {target}")
            assert f"{line}\n    {MARK}\n" in text
    assert found <= targets
    assert {f" for PyTorch {frameworks['PyTorch']}", ""} <= found


def test_a_source_has_no_date(sources):
    today = date.today()
    dates = rf"\b{today.year}\b|\d{{4}}-\d\d-\d\d|\d\d:\d\d"
    found = {m.group() for text in sources for m in re.finditer(dates, _code_free(text))}
    assert found == set()


def _code_free(text: str) -> str:
    """Return the comments and docstrings of a source, without its recipe."""
    tree, lines = ast.parse(text), text.splitlines()
    comments = [line for line in lines if line.strip().startswith("#")]
    nodes = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    docstrings = [(ast.get_docstring(n) or "").partition(f"\n{MARK}\n")[0] for n in nodes]
    return "\n".join([*comments, *docstrings])
