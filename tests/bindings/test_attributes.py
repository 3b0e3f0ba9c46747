"""Attribute formulas: what they may contain, and where each of their names is found."""

from __future__ import annotations

import pytest

from lrspec.bindings.attributes import Attribute
from lrspec.errors import BadInput


@pytest.mark.parametrize(
    ("text", "keys", "place"),
    [
        ("factor", ("factor",), "factor"),
        ("max_lrs[group]", ("max_lrs", "group"), "max_lrs"),
        ("group.lr", ("group", "lr"), "group.lr"),
        ("lr_config[-1]", ("lr_config", -1), "lr_config[-1]"),
        ("phases[0].end_step", ("phases", 0, "end_step"), "phases[0].end_step"),
    ],
)
def test_a_path_leads_into_an_attribute(text: str, keys: tuple, place: str):
    attribute = Attribute(text)
    (path,) = attribute.paths.values()
    assert (path.keys, path.place, attribute.place) == (keys, place, place)
    assert attribute.computation is None


def test_a_formula_is_computed_from_paths():
    paths = Attribute("length(lr_config) == 2 * steps[1]").paths.values()
    assert {path.keys for path in paths} == {("lr_config",), ("steps", 1)}


def test_an_equation_states_what_the_constructor_computed():
    attribute = Attribute("phases[0].end = pct_start * total - 1")
    assert {path.keys for path in attribute.paths.values()} == {("phases", 0, "end")}
    assert attribute.computation.formula.names == {"pct_start", "total"}


def test_a_table_gives_an_argument_for_a_name():
    attribute = Attribute({"attribute": "anneal_func", "values": {"cosine": "cos"}})
    assert attribute.place == "anneal_func"
    assert attribute.table == {"cosine": "cos"}


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
def test_an_invalid_attribute_formula_is_rejected(text: str):
    with pytest.raises(BadInput):
        Attribute(text)
