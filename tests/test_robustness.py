"""Any input from outside is taken, or refused in one line: within a second and 200 MB, and not run.

`nox -s robustness` makes many more inputs.
"""

from __future__ import annotations

import sys

import pytest
from fuzzing import formula, of_seed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if sys.platform != "linux":
    pytest.skip("the limits are those of Linux", allow_module_level=True)

from limits import TooLong, attempt, attempt_untimed, limits
from targets import TARGETS

SEEDS = st.integers(0, 2**64)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
few = settings(
    max_examples=25,
    deadline=None,  # the limits have their own
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What is imported and cached at first is not of one input."""
    for name in TARGETS:
        for seed in range(5):
            attempt_untimed(name, of_seed(name, seed))


@pytest.mark.parametrize("name", TARGETS)
@given(seed=SEEDS)
@few
def test_a_mutated_input_is_taken_or_refused(name: str, seed: int):
    with limits():
        attempt(name, of_seed(name, seed))


@pytest.mark.parametrize("name", sorted({*TARGETS} - {"bytes", "formula"}))
@given(document=JSON)
@few
def test_any_document_is_taken_or_refused(name: str, document):
    with limits():
        attempt(name, document)


@given(data=st.binary())
@few
def test_any_bytes_are_taken_or_refused(data: bytes):
    with limits():
        attempt("bytes", data)


@given(text=st.text() | st.randoms().map(formula))
@few
def test_any_text_is_a_formula_or_refused(text: str):
    with limits():
        attempt("formula", text)


def endless() -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("flaw", "error"),
    [
        (lambda: 1 // 0, ZeroDivisionError),
        (endless, TooLong),
        (lambda: bytearray(500_000_000), MemoryError),
        (lambda: sys.audit("os.system", "true"), AssertionError),
        (lambda: sys.audit("subprocess.Popen", "true"), AssertionError),
    ],
)
def test_the_limits_can_be_exceeded(flaw, error, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(TARGETS, "flawed", lambda _: flaw())
    with limits(), pytest.raises(error):
        attempt("flawed", None)
