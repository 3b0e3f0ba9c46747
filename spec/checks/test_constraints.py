"""Each constraint of a schedule lets its recipes pass, and it alone refuses the others."""

from __future__ import annotations

import pytest

from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict
from lrspec.spec.schedule import schedules

CONSTRAINTS = [
    pytest.param(kind, entry, id=f"{kind}:{entry['formula']}")
    for kind, schedule in schedules().items()
    for entry in schedule.document.get("constraints", ())
]


@pytest.mark.parametrize(("kind", "constraint"), CONSTRAINTS)
def test_a_constraint_refuses_what_fails_it_and_nothing_else(kind: str, constraint: dict):
    for given in constraint["holds"]:
        assert from_dict({"schedule": kind, **given}).kind == kind
    for given in constraint["fails"]:
        with pytest.raises(BadInput) as refused:
            from_dict({"schedule": kind, **given})
        assert refused.value.place == f"$.{constraint['parameter']}"
        assert refused.value.expected == constraint["expected"]
