"""The rate was computed or kept in float32 where float64 was expected."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.evidence import Evidence, Prediction


def float32(evidence: Evidence) -> Iterator[Prediction]:
    """Every observed rate is a float32, and close to the expected one for a float32."""
    observed = evidence.observed
    if np.array_equal(observed, observed.astype(np.float32)):
        yield Prediction(
            "float32",
            "Every rate is a float32: it agrees with the specification to "
            f"{evidence.difference.max_rel:.1g} of the peak, and no better.",
            evidence.expected,
            tolerance_of("float32"),
        )
