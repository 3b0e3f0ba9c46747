"""Attribute formulas: what they may say, and where each of their names is found."""

from __future__ import annotations

import pytest

from lrspec.bindings.attributes import Computed, Equation, Lookup, Path, attribute_of
from lrspec.errors import BadInput


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        ("factor", Path("factor"), "factor"),
        ("max_lrs[group]", Path("max_lrs", ("group",)), "max_lrs"),
        ("group.lr", Path("group", ("lr",)), "group.lr"),
        ("lr_config[-1]", Path("lr_config", (-1,)), "lr_config[-1]"),
        ("phases[0].end_step", Path("phases", (0, "end_step")), "phases[0].end_step"),
    ],
)
def test_a_path_leads_into_an_attribute(text: str, path: Path, place: str):
    assert attribute_of(text) == path
    assert path.place == place


def test_a_formula_is_computed_from_paths():
    found = attribute_of("length(lr_config) == 2 * steps[1]")
    assert isinstance(found, Computed)
    assert set(found.paths.values()) == {Path("lr_config"), Path("steps", (1,))}


def test_an_equation_states_what_the_constructor_computed():
    found = attribute_of("phases[0].end = pct_start * total - 1")
    assert isinstance(found, Equation)
    assert set(found.kept.paths.values()) == {Path("phases", (0, "end"))}
    assert found.computation.formula.names == {"pct_start", "total"}


def test_a_table_gives_an_argument_for_a_name():
    found = attribute_of({"attribute": "anneal_func", "values": {"cosine": "cos"}})
    assert found == Lookup(Path("anneal_func"), {"cosine": "cos"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "a[b]",
        "a[0:1]",
        "f(x).y",
        "open('x')",
        "[n for n in x]",
        "a.b()",
        {"values": {}},
        3,
    ],
)
def test_what_is_no_attribute_formula_is_refused(text: str):
    with pytest.raises(BadInput):
        attribute_of(text)
