"""Every data file is valid, its formulas parse, and its ids never change."""

from __future__ import annotations

from pathlib import Path

import pytest
import write_cases
import write_ids
import write_schemas
from generate import generated
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
    "upstream": "conformance/upstream/*.json",
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


def test_a_schema_rejects_a_wrong_document():
    step = resources.read_json(ROOT / "spec/schedules/step.json")
    assert not validator("schedule").is_valid({**step, "framework": "torch"})
    assert not validator("schedule").is_valid({**step, "anchors": step["anchors"][:4]})
    assert not validator("recipe").is_valid({"schedule": "step", "base_lr": 1, "step_size": 0})
    assert validator("recipe").is_valid({"schedule": "step", "base_lr": 1, "step_size": 1})


@pytest.mark.parametrize("name", write_schemas.FORMS)
def test_a_schema_of_a_form_is_written_from_it(name: str):
    assert write_schemas.path(name).read_text(encoding="utf-8") == write_schemas.text(name), (
        "run nox -s generate"
    )


def test_a_schedule_has_the_name_of_its_file():
    for kind, schedule in schedules().items():
        assert schedule.kind == kind
        assert schedule.document["kind"] == kind


def test_a_schedule_names_no_framework_but_as_a_source():
    for path in (ROOT / "spec/schedules").glob("*.json"):
        document = resources.read_json(path)
        del document["source"]
        text = str(document).lower()
        assert not [name for name in frameworks() if name in text], path.name


def test_ranges_are_formulas_over_the_names_of_their_schedule():
    for schedule in schedules().values():
        names = frozenset({"t", "base_lr", "horizon", *schedule.parameters, *schedule.lets})
        for text in schedule.document.get("range", {}).values():
            functions = frozenset(n for n, p in schedule.parameters.items() if p.type == "formula")
            parse(text, names, parameters=functions)


def test_every_backend_has_an_entry_for_every_schedule():
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


def test_a_published_recipe_loads_and_saves_unchanged():
    for path in (ROOT / "spec/recipes").glob("*.json"):
        assert recipe.load(path).to_dict() == resources.read_json(path)


def test_ids_are_permanent():
    """An id is permanent: new ones are added, none is removed or changed."""
    current = write_ids.current()
    assert len(current) == len(set(current))
    assert sorted(current) == write_ids.recorded(), "run nox -s generate"


@pytest.mark.parametrize("path", generated(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_generated_file_is_up_to_date(path: Path):
    assert path.read_text(encoding="utf-8") == generated()[path](), "run nox -s generate"


def test_every_file_among_the_generated_cases_is_generated():
    assert {*write_cases.FOLDER.iterdir()} == {write_cases.path_of(s) for s in schedules().values()}
