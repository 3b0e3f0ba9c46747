"""A departure is shrunk to the shortest recipe and run that still show it, and no other departure."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from fake_backends import fake

from lrspec.errors import BadInput
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import results_of
from lrspec.suite.plan import plan
from lrspec.suite.reductions import reductions
from lrspec.suite.run import observe
from lrspec.suite.shrink import shrink

COSINE = {"schedule": "cosine_annealing", "base_lr": 0.375, "T_max": 47, "eta_min": 0.0625}
STEP = {"schedule": "step", "base_lr": [0.5, 0.25], "step_size": 13, "gamma": 0.3}
NESTED = {
    "schedule": "sequential",
    "base_lr": 1,
    "schedules": [
        {"schedule": "cosine_annealing", "T_max": 47, "eta_min": 0.0625},
        {"schedule": "step", "step_size": 13, "gamma": 0.3},
    ],
    "milestones": [30],
}


def shrunk(tmp_path: Path, flaw: str, document: dict):
    backend = fake(flaw, tmp_path)
    runs = plan([Case("long", "", from_dict(document))], [backend], ["stepwise"])
    pythons = {"toy": sys.executable}
    findings = results_of(runs, observe(runs, pythons)).findings
    assert findings[0].verdict == "unpredicted"
    done = shrink([(runs[0], findings[0])], pythons)
    return findings[0], done[0]


def test_a_late_cosine_is_shrunk_to_the_shortest_one(tmp_path: Path):
    """One step late shows at step 1 of the shortest fall there is."""
    before, after = shrunk(tmp_path, "late_by_one", COSINE)
    assert after.original == before.run
    assert after.finding.verdict == before.verdict == "unpredicted"
    assert after.finding.rules[:1] == before.rules[:1] == ["cosine_annealing R2"]
    recipe = after.run.scenario.recipe.to_dict()
    assert recipe["base_lr"] == 1
    assert recipe.get("eta_min", 0) == 0
    assert recipe["T_max"] <= 2
    assert len(after.run.scenario.t) <= 6 < before.updates


def test_a_late_staircase_keeps_the_rule_that_it_breaks(tmp_path: Path):
    before, after = shrunk(tmp_path, "late_by_one", STEP)
    assert after.finding.rules[:1] == before.rules[:1] == ["step R2"]
    assert after.run.scenario.recipe.to_dict() == {
        "schedule": "step",
        "base_lr": 1.0,
        "step_size": 1,
    }


def test_an_error_stays_the_same_error(tmp_path: Path):
    """The toy raises at its sixth step: a run that is shorter does not reach it."""
    before, after = shrunk(tmp_path, "raises", COSINE)
    assert after.finding.verdict == before.verdict == "unpredicted"
    assert after.finding.first_step == before.first_step == 6
    assert 6 <= len(after.run.scenario.t) <= 8


def test_a_reduction_is_never_the_same_recipe():
    for document in (COSINE, STEP, NESTED):
        found = [json.dumps(other) for other in reductions(document)]
        assert json.dumps(document) not in found


def test_members_are_reductions_and_paired_lists_are_cut_together():
    found = list(reductions(NESTED))
    assert found[0] == {**NESTED["schedules"][0], "base_lr": 1}
    cut = [d for d in found if d["schedule"] == "sequential" and d.get("milestones") == []]
    assert {d["schedules"][0]["schedule"] for d in cut} == {"cosine_annealing", "step"}
    pieces = {"schedule": "piecewise_constant", "boundaries": [3, 6], "values": [1.0, 0.5, 0.25]}
    both = [d for d in reductions(pieces) if len(d.get("boundaries", ())) == 1]
    assert {"schedule": "piecewise_constant", "boundaries": [3], "values": [1.0, 0.25]} in both


@pytest.mark.parametrize("document", [COSINE, STEP, NESTED])
def test_most_reductions_are_recipes(document: dict):
    good = 0
    offered = list(reductions({**document, "base_lr": 1}))
    for other in offered:
        try:
            from_dict(other)
        except BadInput:
            continue
        good += 1
    assert good > len(offered) / 2
