"""Each constraint of a schedule accepts its good recipes, and it alone rejects the bad ones."""

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
def test_a_constraint_rejects_the_recipes_that_fail_it_and_no_others(kind: str, constraint: dict):
    for given in constraint["holds"]:
        assert from_dict({"schedule": kind, **given}).kind == kind
    for given in constraint["fails"]:
        with pytest.raises(BadInput) as rejected:
            from_dict({"schedule": kind, **given})
        assert rejected.value.place == f"$.{constraint['parameter']}"
        assert rejected.value.expected == constraint["expected"]
