"""Curves as text."""

from __future__ import annotations

import numpy as np

from lrspec.dialect.curve import curve_of
from lrspec.report.text_plot import axis, blocks, heights, lines
from lrspec.spec.recipe import from_dict

RAMP = from_dict(
    {"schedule": "linear", "base_lr": 1, "start_factor": 0.0, "end_factor": 1.0, "total_iters": 7}
)
#: Its peak is one step before the end of the warmup.
SPIKE = {
    "schedule": "linear_warmup",
    "base_lr": 1,
    "warmup_steps": 10_000,
    "after": {"schedule": "linear", "start_factor": 0.5, "end_factor": 0.5, "total_iters": 1},
}


def test_a_ramp_has_every_block():
    assert blocks(np.linspace(0, 1, 8), 1, 0.0, 1.0) == ["▁▂▃▄▅▆▇█"]
    assert blocks(np.array([0.0, 1.0]), 2, 0.0, 1.0) == [" █", "▁█"]


def test_a_constant_curve_is_full():
    assert blocks(np.array([2.0, 2.0]), 1, 2.0, 2.0) == ["██"]


def test_a_column_has_the_largest_rate_of_its_steps():
    assert heights(curve_of(RAMP, 8), 4).tolist() == [1 / 7, 3 / 7, 5 / 7, 1.0]
    assert heights(curve_of(RAMP, 8), 80).shape == (80,)
    spike = heights(curve_of(from_dict(SPIKE), 1_000_000), 50, [10_000])
    assert spike.max() == 0.9999


def test_a_landmark_is_marked_under_its_column():
    assert axis([0, 50, 99, 100], 100, 10) == "^    ^   ^"


def test_the_lines_have_a_scale_and_both_ends():
    drawn = lines(curve_of(RAMP, 8), 8, 2, [7])
    assert drawn == ["1     ▂▄▆█", "0 ▁▃▅▇████", "         ^", "  0      7"]
