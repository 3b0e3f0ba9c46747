"""What is predicted of a tree of classes, worked out by hand from each framework's own source."""

from __future__ import annotations

import re

import pytest

from lrspec import resources
from lrspec.bindings.backend import backend_of, backends, load
from lrspec.bindings.tree import Call, Variable
from lrspec.dialect.dialect import departures, dialect_of
from lrspec.dialect.prediction import PredictedError, Prediction, predict
from lrspec.runtime.grafts import releases
from lrspec.scenario.actions import Action

pytestmark = pytest.mark.every_python

BACKENDS = sorted({b.framework for b in backends().values()})


def torch(
    name: str, *actions: Action, bases: tuple[float, ...] = (1.0,), **arguments
) -> Prediction:
    tree = Call(name, {"optimizer": Variable("optimizer"), **arguments}, ("optimizer",))
    found = predict(backend_of("torch"), [tree], bases, actions)
    assert found is not None
    return found


def test_a_plain_run_has_a_row_an_update_and_a_column_a_group():
    found = torch("StepLR", Action("updates", 4), bases=(1.0, 0.5), step_size=2, gamma=0.5)
    assert found.status == "trace"
    assert found.rates.tolist() == [[1.0, 0.5], [1.0, 0.5], [0.5, 0.25], [0.5, 0.25]]
    assert found.applied.tolist() == found.reported.tolist()
    assert (found.momentum, found.error, found.departures) == (None, None, {})


def test_a_rejection_has_a_type_and_a_pattern():
    found = torch("ConstantLR", Action("updates", 4), factor=2.0, total_iters=5)
    assert found.status == "rejected"
    assert found.error.type == "ValueError"
    assert found.error.matches(
        "ValueError: Constant multiplicative factor expected to be between 0 and 1."
    )
    assert list(found.departures) == ["torch-constant-above-one"]


def test_an_error_ends_the_trace_where_it_is_raised():
    """1 / factor at the step that equals total_iters."""
    found = torch("ConstantLR", Action("updates", 9), factor=0.0, total_iters=3)
    assert found.rates.tolist() == [[0.0]] * 3
    assert found.error.type == "ZeroDivisionError"
    assert found.departures_until(2) == ()
    assert found.departures_until(3) == ("torch-constant-from-zero",)


def test_a_milestone_between_two_steps_never_comes():
    found = torch("MultiStepLR", Action("updates", 6), milestones=[2.5], gamma=0.1)
    assert found.rates.tolist() == [[1.0]] * 6
    assert list(found.departures) == ["torch-milestone-between-steps"]


def test_a_rate_that_is_set_from_outside_is_where_the_recursion_goes_on_from():
    found = torch(
        "StepLR",
        Action("updates", 1),
        Action("set", 0.3),
        Action("updates", 3),
        step_size=2,
        gamma=0.5,
    )
    assert found.rates.ravel().tolist() == [1.0, 0.3, 0.15, 0.15]


def test_a_late_group_raises_in_the_strict_zip():
    found = torch("LambdaLR", Action("updates", 1), Action("add_group", 0.5), Action("updates", 2),
                  lr_lambda=[])  # fmt: skip
    assert found.status == "rejected"  # one function is missing already


@pytest.mark.parametrize(
    ("line", "matches"),
    [
        ("ValueError: step 3 of 4", True),
        ("ValueError: step three of 4", False),
        ("ValueError: and step 3 of 4", False),
        ("KeyError: step 3 of 4", False),
        ("SyntaxError: invalid syntax", False),
        ("ValueError", False),
        ("", False),
    ],
)
def test_an_error_matches_by_its_type_and_its_whole_message(line: str, matches):
    assert PredictedError("ValueError", r"step \d+ of \d+").matches(line) is matches


def test_a_framework_without_a_dialect_is_not_predicted():
    (toy,) = load(resources.root() / "conformance" / "fakes" / "toy").values()
    assert dialect_of(toy) is None
    assert predict(toy, [Call("Step", {})], (1.0,), [Action("updates", 1)]) is None


@pytest.mark.parametrize("framework", BACKENDS)
def test_every_class_that_a_schedule_is_written_in_has_rules(framework: str):
    backend = backends()[framework]
    dialect = dialect_of(backend)
    assert dialect is not None
    written = {
        binding.class_
        for schedule in backend.bindings.schedules.values()
        for binding in schedule.bindings
        if binding.class_ and not binding.read_only
    }
    assert written <= set(dialect.classes)


@pytest.mark.parametrize("framework", BACKENDS)
def test_every_departure_that_a_rule_names_is_described(framework: str):
    folder = backends()[framework].folder / "dialect"
    rules = (folder / "classes.json").read_text(encoding="utf-8")
    protocol = (folder / "protocol.py").read_text(encoding="utf-8")
    named = re.findall(r'"departure": "([^"]+)"', rules) + re.findall(
        r'departs\("([^"]+)"', protocol
    )
    assert set(named) <= set(departures())
    assert len(named) > 15


@pytest.mark.parametrize("framework", BACKENDS)
def test_the_rules_of_each_release_name_departures_of_that_release(framework: str):
    backend = backends()[framework]
    for version in {backend.version, *releases(backend)}:
        dialect = dialect_of(backend.of(version))
        named = {name for names in dialect.by_class.values() for name in names}
        assert named <= set(dialect.departures), version
        assert str(dialect.version) == version


def test_the_newest_release_is_the_newest_that_is_modeled():
    backend = backends()["torch"]
    unknown = dialect_of(backend.of("99.0"))
    assert str(unknown.version) == list(releases(backend))[-1]


def test_an_id_is_given_once():
    folders = {backend.folder / "dialect" for backend in backends().values()}
    files = [folder / "departures.json" for folder in folders if folder.is_dir()]
    each = [name for path in files for name in resources.read_json(path)]
    assert len(each) == len(set(each)) == len(departures())
