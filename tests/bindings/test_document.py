"""A backend's two files: typed, and one clear error, with file and place, for a bad one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lrspec import BadInput, resources
from lrspec.bindings.backend import Backend, backends, frameworks, load

TOY = resources.root() / "conformance" / "fakes" / "toy"


@pytest.fixture
def changed(tmp_path: Path):
    """Return the error of the toy's file *name* after a change of its document."""
    folder = shutil.copytree(TOY, tmp_path / "toy")

    def error(name: str, change) -> str:
        document = json.loads((folder / name).read_text())
        change(document)
        (folder / name).write_text(json.dumps(document))
        with pytest.raises(BadInput) as refused:
            load(folder)
        return str(refused.value).removeprefix(f"{folder / name}: ")

    return error


def set_to(*path_and_value):
    *path, last, item = path_and_value

    def change(document):
        for key in path:
            document = document[key]
        document[last] = item

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_to("modes", "toy", "titel", "T"), "$.modes.toy: found object contains unknown field"),
        (
            set_to("modes", "toy", "reported", 1),
            "$.modes.toy.reported: found `int`, expected `bool` in an",
        ),
        (set_to("order", "first"), "$.order: found `str`, expected `int` in an"),
        (
            set_to("groups", "some"),
            "$.groups: found invalid enum value 'some', expected an object with",
        ),
        (lambda document: document.pop("module"), "$: found object missing required field `modul"),
        (
            set_to("resume_index", "continues", "n - 1"),
            "$.resume_index.continues, column 1: found the name 'n', expected one of k or a number",
        ),
    ],
)
def test_a_bad_declaration_is_one_error_with_its_place(changed, change, message: str):
    assert changed("backend.json", change).startswith(message)


STEP = ("schedules", "step", "bindings", 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_to(*STEP, "klass", "Step"), "$.schedules.step.bindings[0]: found object contains"),
        (
            set_to(*STEP, "class", 3),
            "$.schedules.step.bindings[0].class: found `int`, expected `str | null` in",
        ),
        (set_to(*STEP, "as", {"schedule": "constant"}), "$.schedules.step.bindings[0]: found both"),
        (
            set_to(*STEP, "as", {"schedule": "constant", "factr": 1}),
            "$.schedules.step.bindings[0].as: found factr, expected a parameter of constant",
        ),
        (
            set_to(*STEP, "when", "gamma <"),
            "$.schedules.step.bindings[0].when: found gamma <, expected a formula in Python's",
        ),
        (
            set_to(*STEP, "arguments", "gamma", "gama"),
            "$.schedules.step.bindings[0]: found gama, expected a parameter of step: step_size, ga",
        ),
        (
            set_to(*STEP, "arguments", "gamma", {"value": 1}),
            "$.schedules.step.bindings[0].arguments[...]: found {'value': 1}, expected a number, a",
        ),
        (
            set_to(*STEP, "arguments", "gamma", "gamma ** 2"),
            "$.schedules.step.bindings[0].arguments: found gamma ** 2, expected a formula with gam",
        ),
        (
            set_to(*STEP, "arguments", "rate", "gamma * base_lr"),
            "$.schedules.step.bindings[0].arguments: found gamma * base_lr, expected a formula wit",
        ),
        (set_to("schedules", "stairs", {}), "$.schedules: found stairs, expected one of chained"),
        (
            set_to("classes", "Step", {"attributes": {"gamma": "last_lr[0"}}),
            "$.classes.Step.attributes[...]: found last_lr[0, expected a formula over attributes",
        ),
        (
            set_to("classes", "Step", {"attributes": {"gamma": "ratio = gamma + gamma"}}),
            "$.classes.Step.attributes.gamma: found gamma + gamma, expected a formula with gamma",
        ),
    ],
)
def test_a_bad_binding_is_one_error_with_its_place(changed, change, message: str):
    assert changed("bindings.json", change).startswith(message)


def test_a_file_that_is_no_json_is_named(tmp_path: Path):
    folder = shutil.copytree(TOY, tmp_path / "toy")
    (folder / "bindings.json").write_text('{"schedules": {}, "schedules": {}}')
    with pytest.raises(
        BadInput, match=r"toy/bindings\.json: \$: invalid JSON: the key .schedules. appears twice"
    ):
        load(folder)


@pytest.mark.parametrize("backend", frameworks().values(), ids=lambda backend: backend.name)
def test_every_class_that_is_written_is_read_by_a_binding(backend: Backend):
    entries = backend.bindings.schedules.values()
    written = {b.class_ for entry in entries for b in entry.bindings if b.class_}
    unread = {name for name in written if not list(backend.bindings.reading(name))}
    assert unread == set()


@pytest.mark.parametrize("backend", backends().values(), ids=lambda backend: backend.name)
def test_a_class_that_is_declared_is_bound_or_refused(backend: Backend):
    for name, entry in backend.bindings.classes.items():
        bound = any(backend.bindings.reading(name))
        assert bound or entry.unsupported or entry.alias_of, f"{backend.name}: {name}"
        assert not entry.read_as or any(backend.bindings.reading(entry.read_as))
        assert not entry.defined_in or (backend.folder / entry.defined_in).exists()


@pytest.mark.parametrize("backend", backends().values(), ids=lambda backend: backend.name)
def test_an_attribute_is_declared_for_an_argument_that_a_binding_has(backend: Backend):
    for name, entry in backend.bindings.classes.items():
        arguments = {a for _, binding in backend.bindings.reading(name) for a in binding.arguments}
        assert set(entry.attributes) <= arguments
        assert set(entry.per_group) <= arguments
        kinds = {kind for kind, _ in backend.bindings.reading(name)}
        assert not entry.state or kinds == {"reduce_on_plateau"}
