"""The rate was computed or kept in float32 where float64 was expected."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrspec.truth.tolerance import tolerance_of
from lrspec.verdict.compare import compare
from lrspec.verdict.evidence import Evidence, Explanation


def float32(evidence: Evidence) -> Iterator[Explanation]:
    """Every observed rate is a float32, and close to the expected one for a float32."""
    observed = evidence.observed
    if not np.array_equal(observed, observed.astype(np.float32)):
        return
    close = compare(evidence.expected, observed, tolerance_of("float32"))
    if close.kind in ("exact", "rounding"):
        yield Explanation(
            "float32",
            "Every rate is a float32: it agrees with the specification to "
            f"{close.max_rel:.1g} of the peak, and no better.",
        )
