"""A schedule as a value: equality, a notebook, a figure, a table."""

from __future__ import annotations

import sys
import types
import xml.etree.ElementTree as ET

import pytest

import lrspec

COSINE = {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 4}


def test_one_rate_is_a_float():
    assert type(lrspec.load(COSINE)(2)) is float
    assert lrspec.load(COSINE)(0) == 1.0


@pytest.mark.parametrize(
    "other",
    [
        {**COSINE, "base_lr": 1.0, "T_max": 4.0},
        {**COSINE, "eta_min": 0},
        {**COSINE, "about": {"title": "mine"}},
    ],
)
def test_schedules_that_mean_the_same_are_equal(other):
    first, second = lrspec.load(COSINE), lrspec.load(other)
    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize(
    "other",
    [
        {**COSINE, "T_max": 5},
        {**COSINE, "base_lr": [1, 1]},
        {"schedule": "cosine_decay", "base_lr": 1, "decay_steps": 4},
    ],
)
def test_other_schedules_differ(other):
    assert lrspec.load(COSINE) != lrspec.load(other)
    assert lrspec.load(COSINE) != other


def test_the_defaults_of_nested_schedules_are_compared():
    warmup = {"schedule": "linear_warmup", "base_lr": 1, "warmup_steps": 3}
    cosine = {"schedule": "cosine_annealing", "T_max": 4}
    first = lrspec.load({**warmup, "after": cosine})
    assert first == lrspec.load({**warmup, "after": {**cosine, "eta_min": 0.0}})
    assert first != lrspec.load({**warmup, "after": {**cosine, "eta_min": 0.5}})


def test_a_framework_is_part_of_what_a_schedule_means():
    schedule = lrspec.load(COSINE)
    assert schedule.as_in("torch") != schedule
    assert schedule.as_in("torch") == schedule.as_in("torch")
    assert schedule.as_in("torch") != schedule.as_in("paddle")


def test_dictionaries_are_accepted_where_schedules_are():
    assert lrspec.compare(COSINE, {**COSINE, "T_max": 5}).first == 1
    assert lrspec.port(COSINE, to="numpy").style == "standalone"


def test_a_notebook_shows_the_curve_and_the_recipe():
    text = lrspec.load({**COSINE, "about": {"title": "<b>"}})._repr_html_()
    picture, *_ = ET.fromstring(f"<div>{text}</div>")  # noqa: S314 - its own output
    points = [p.split(",") for p in picture[0].attrib["points"].split()]
    assert [float(y) for _, y in points[:5]] == [0.0, 13.2, 45.0, 76.8, 90.0]
    assert "&lt;b&gt;" in text
    assert "steps 0 to 5, peak 1" in text


def test_a_figure_has_a_line_per_group():
    figure = lrspec.load({**COSINE, "base_lr": [1, 0.5]}).plot(5)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["cosine_annealing, group 0", "cosine_annealing, group 1"]


def test_a_table_has_a_row_per_step(monkeypatch: pytest.MonkeyPatch):
    calls = []
    pandas = types.SimpleNamespace(
        DataFrame=lambda rates, **given: calls.append((rates.shape, given)),
        RangeIndex=lambda count, name: (count, name),
    )
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    lrspec.load(COSINE).to_pandas(3)
    lrspec.load({**COSINE, "base_lr": [1, 0.5]}).to_pandas(3)
    assert calls[0] == ((3, 1), {"columns": ["lr"], "index": (3, "step")})
    assert calls[1][1]["columns"] == ["lr_0", "lr_1"]


def test_without_pandas_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(lrspec.LrspecError, match="python -m pip install pandas"):
        lrspec.load(COSINE).to_pandas()
