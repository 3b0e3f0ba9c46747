"""Observations: written, read back unchanged, and compared with the expected rates."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from recordings import observations

from lrspec.json_input import document
from lrspec.runtime.observation import Answer, Observation, from_answer
from lrspec.spec.recipe import from_dict
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare, largest_rate

pytestmark = pytest.mark.every_python


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float64)


NAN = float("nan")
THIRDS = array([1 / 3], [0.1 + 0.2], [5e-324], [1.0])
LARGEST = array([1.7976931348623157e308])


@pytest.mark.parametrize(
    "observation",
    [
        Observation("trace", "", THIRDS, THIRDS),
        Observation("trace", "", THIRDS, THIRDS.astype(np.float32).astype(np.float64)[:3]),
        Observation("trace", "", THIRDS[:3], THIRDS[:3].astype(np.float32).astype(np.float64)),
        Observation("trace", "", THIRDS, None, "ValueError: no"),
        Observation("trace", "", LARGEST, np.sqrt(LARGEST)),
        Observation("trace", "", None, THIRDS),
        Observation("trace", "", array([0.1, NAN], [0.2, 0.01]), array([0.1, NAN], [0.2, 0.01])),
        Observation("trace", "", array([0.0], [1.0]), array([-0.0], [1.0])),
        Observation("trace", "", array([1e-50], [-1e-50]), array([0.0], [0.0])),
        Observation("trace", "", array([float("inf")], [-float("inf")]), array([NAN], [1.0])),
        Observation("trace", "", THIRDS, THIRDS, None, array([0.95], [0.85], [0.9], [0.95])),
        Observation("trace", "", np.repeat(THIRDS[:1], 100_000, axis=0), THIRDS[:1]),
        Observation("trace", "", np.empty((0, 1)), None, "ValueError: at once"),
        Observation("rejected", "ValueError: é"),
    ],
)
def test_a_trace_is_read_back_as_it_was(observation: Observation):
    again = from_answer(
        document(msgspec.json.encode(observation.to_answer()), Answer, "an observation")
    )
    assert (again.status, again.reason, again.error) == (
        observation.status,
        observation.reason,
        observation.error,
    )
    for name in ("reported", "applied", "momentum"):
        before, after = getattr(observation, name), getattr(again, name)
        assert (before is None) == (after is None)
        if before is not None:
            assert (before.shape, before.dtype) == (after.shape, after.dtype)
            assert before.tobytes() == after.tobytes(), name


def test_every_recorded_trace_is_read_back_as_it_was():
    for observation in observations().values():
        assert from_answer(observation.to_answer()).to_answer() == observation.to_answer()


@pytest.mark.parametrize(
    ("off", "kind"),
    [(0.0, "exact"), (9.9e-13, "rounding"), (1.1e-12, "drift"), (1.1e-9, "divergence"), (NAN, "divergence")],
)  # fmt: skip
def test_an_error_is_classed_by_its_size_relative_to_the_peak(off: float, kind: str):
    expected = array([1.0, NAN], [0.25, 1.0])
    difference = compare(
        expected, expected + array([off, 0.0], [0.0, 0.0]), tolerance_of("float64")
    )
    assert difference.kind == kind
    assert difference.first == (0 if kind in ("drift", "divergence") else None)


def test_an_error_is_relative_to_the_peak_up_to_its_step():
    """The rate grows later: a tenfold error of a small rate is no rounding."""
    expected = array([1e-13], [1e-12], [1.0])
    difference = compare(expected, array([1e-12], [1e-12], [1.0]), tolerance_of("float64"))
    assert (difference.kind, difference.first, difference.count) == ("divergence", 0, 1)


def test_a_few_ulp_of_the_largest_operand_are_rounding():
    """cos(pi / 2) in floating point is 6e-17: near a zero the operands are rounded."""
    expected, observed = array([0.0], [0.0]), array([0.0], [6.123e-17])
    assert compare(expected, observed, tolerance_of("float64"), largest=1.0).kind == "rounding"
    assert compare(expected, observed, tolerance_of("float64"), largest=1e-6).kind == "divergence"


def test_empty_traces_are_exact():
    assert compare(np.empty((0, 1)), np.empty((0, 1)), tolerance_of("float64")).kind == "exact"


def test_traces_of_two_shapes_are_an_error():
    with pytest.raises(ValueError, match="shapes"):
        compare(array([0.0]), array([0.0, 1.0]), tolerance_of("float64"))


@pytest.mark.parametrize(
    ("recipe", "largest"),
    [
        ({"schedule": "step", "base_lr": [0.1, 0.5], "step_size": 3}, 0.5),
        ({"schedule": "one_cycle", "base_lr": 0.1, "max_lr": 2, "total_steps": 9}, 2),
        ({"schedule": "linear_warmup", "base_lr": 0.1, "warmup_steps": 5, "end_lr": 0.4,
          "after": {"schedule": "cosine_annealing", "T_max": 9, "eta_min": 3.0}}, 3.0),
    ],
)  # fmt: skip
def test_the_largest_rate_of_a_recipe_is_its_largest_operand(recipe: dict, largest: float):
    assert largest_rate(from_dict(recipe)) == largest


def test_traces_without_updates_are_exactly_the_same():
    empty = compare(np.empty((0, 2)), np.empty((0, 2)), tolerance_of("float64"))
    assert (empty.kind, empty.first, empty.count, empty.rows.size) == ("exact", None, 0, 0)
    assert (empty.max_abs, empty.max_rel, empty.max_ulp) == (0.0, 0.0, 0.0)
