"""Every data file is valid, its formulas parse, and its ids are the ones that were given once."""

from __future__ import annotations

from pathlib import Path

import pytest
import write_cases
import write_ids
import write_recipe_schema
from jsonschema import Draft202012Validator

from lrspec import resources
from lrspec.bindings.backend import backends, frameworks
from lrspec.spec import recipe
from lrspec.spec.formula.grammar import parse
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import cases

ROOT = resources.root()
GOVERNED = {
    "schedule": "spec/schedules/*.json",
    "recipe": "spec/recipes/*.json",
    "tolerances": "spec/tolerances.json",
    "scenarios": "spec/scenarios.json",
    "reproducer": "backends/*/reproducer.json",
    "cases": "conformance/cases/**/*.json",
    "ledger": "conformance/ledger/*.json",
}
FILES = [
    pytest.param(schema, path, id=str(path.relative_to(ROOT)))
    for schema, pattern in GOVERNED.items()
    for path in sorted(ROOT.glob(pattern))
]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        resources.read_json(ROOT / "spec" / "schema" / f"{name}.schema.json")
    )


@pytest.mark.parametrize(("schema", "path"), FILES)
def test_a_file_is_valid(schema: str, path: Path):
    errors = [
        f"{e.json_path}: {e.message}"
        for e in validator(schema).iter_errors(resources.read_json(path))
    ]
    assert errors == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "spec/schema").glob("*.json")), ids=lambda p: p.stem
)
def test_a_schema_is_a_schema(path: Path):
    Draft202012Validator.check_schema(resources.read_json(path))


def test_a_schema_refuses_what_is_wrong():
    step = resources.read_json(ROOT / "spec/schedules/step.json")
    assert not validator("schedule").is_valid({**step, "framework": "torch"})
    assert not validator("schedule").is_valid({**step, "anchors": step["anchors"][:4]})
    assert not validator("recipe").is_valid({"schedule": "step", "base_lr": 1, "step_size": 0})
    assert validator("recipe").is_valid({"schedule": "step", "base_lr": 1, "step_size": 1})


def test_the_schema_of_recipes_is_written_from_the_schedules():
    assert write_recipe_schema.PATH.read_text(encoding="utf-8") == write_recipe_schema.text(), (
        "run python spec/checks/write_recipe_schema.py"
    )


def test_a_schedule_is_called_as_its_file():
    for kind, schedule in schedules().items():
        assert schedule.kind == kind
        assert schedule.document["kind"] == kind


def test_a_schedule_names_no_framework():
    for path in (ROOT / "spec/schedules").glob("*.json"):
        text = path.read_text(encoding="utf-8").lower()
        assert not [name for name in frameworks() if name in text], path.name


def test_ranges_are_formulas_over_the_names_of_their_schedule():
    for schedule in schedules().values():
        names = frozenset({"t", "base_lr", "horizon", *schedule.parameters, *schedule.lets})
        for text in schedule.document.get("range", {}).values():
            functions = frozenset(n for n, p in schedule.parameters.items() if p.type == "formula")
            parse(text, names, parameters=functions)


def test_every_backend_says_something_of_every_schedule():
    for backend in backends().values():
        assert set(backend.bindings.schedules) == set(schedules()), backend.name


def test_every_anchor_and_case_names_a_rule_of_its_schedule():
    for schedule in schedules().values():
        rules = {rule["id"] for rule in schedule.document["rules"]}
        anchored = {anchor["rule"] for anchor in schedule.document["anchors"]}
        assert anchored <= rules, schedule.kind
    for path in (ROOT / "conformance/cases").rglob("*.json"):
        document = resources.read_json(path)
        if "backend" in document:
            assert all(case["id"].startswith("shrunk/") for case in document["cases"])
            continue
        rules = {rule["id"] for rule in schedules()[document["schedule"]].document["rules"]}
        for case in document["cases"]:
            assert case["id"].startswith(f"{document['schedule']}/")
            assert case["recipe"]["schedule"] == document["schedule"]
            assert "rule" not in case or case["rule"] in rules, case["id"]


def test_every_schedule_has_cases():
    assert {case.recipe.kind for case in cases()} == set(schedules())


def test_recipes_read_back_as_they_were_written():
    for path in (ROOT / "spec/recipes").glob("*.json"):
        assert recipe.load(path).to_dict() == resources.read_json(path)


def test_ids_are_the_ones_that_were_given_once():
    """An id is for ever: new ones are added by write_ids.py, none is taken away or changed."""
    found = write_ids.found()
    assert len(found) == len(set(found))
    assert sorted(found) == write_ids.given(), "run python spec/checks/write_ids.py"


@pytest.mark.parametrize("kind", schedules())
def test_the_cases_that_follow_from_the_specification_are_written_from_it(kind: str):
    path = write_cases.path_of(schedules()[kind])
    assert path.read_text(encoding="utf-8") == write_cases.text(schedules()[kind]), (
        "run python conformance/write_cases.py"
    )
