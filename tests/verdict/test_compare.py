"""What was observed, written down and read back as it was, and held against what was expected."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from recordings import observations

from lrspec.json_input import document
from lrspec.runtime.observation import Answer, Observation, from_answer
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare, fit

pytestmark = pytest.mark.every_python


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float64)


NAN = float("nan")
THIRDS = array([1 / 3], [0.1 + 0.2], [5e-324], [1.0])
LARGEST = array([1.7976931348623157e308])


@pytest.mark.parametrize(
    "seen",
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
def test_a_trace_is_read_back_as_it_was(seen: Observation):
    again = from_answer(document(msgspec.json.encode(seen.to_answer()), Answer, "an observation"))
    assert (again.status, again.reason, again.error) == (seen.status, seen.reason, seen.error)
    for name in ("reported", "applied", "momentum"):
        before, after = getattr(seen, name), getattr(again, name)
        assert (before is None) == (after is None)
        if before is not None:
            assert (before.shape, before.dtype) == (after.shape, after.dtype)
            assert before.tobytes() == after.tobytes(), name


def test_every_recorded_trace_is_read_back_as_it_was():
    for seen in observations().values():
        assert from_answer(seen.to_answer()).to_answer() == seen.to_answer()


@pytest.mark.parametrize("off", [0.0, 1e-13, 9.9e-13, 1.1e-12, 1e-6, NAN])
def test_close_is_what_compare_calls_exact_or_rounding(off: float):
    for expected in (array([0.5, 1.0], [0.25, NAN]), array([0.0]), np.empty((0, 1))):
        observed = expected.copy()
        observed[:1] += off
        for tolerance in map(tolerance_of, ("float64", "float32")):
            kind = compare(expected, observed, tolerance).kind
            assert fit(expected, observed, tolerance)[0] == (kind in ("exact", "rounding"))
    with pytest.raises(ValueError, match="shapes"):
        fit(array([0.0]), array([0.0, 1.0]), tolerance_of("float64"))
