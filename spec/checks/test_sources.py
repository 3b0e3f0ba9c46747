"""Every default has a source; a default from a framework is the default of the class named."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

from lrspec.bindings.backend import Backend, frameworks
from lrspec.bindings.document import EXPLICIT
from lrspec.dialect.dialect import dialect_of
from lrspec.spec.schedule import Schedule, schedules

#: Defaults that a class has without an argument: what it always does.
WITHOUT_ARGUMENT = {("polynomial", "end_lr"): 0.0}


def pinned_title(backend: Backend) -> str:
    """Return title and pinned version, as a source names them: PyTorch 2.13.0."""
    return f"{backend.title} {pinned_version(backend)}"


def pinned_version(backend: Backend) -> str:
    (pin,) = (pin for pin in backend.pins if pin.startswith(f"{backend.distribution}=="))
    return pin.partition("==")[2]


FRAMEWORKS = {pinned_title(backend): backend for backend in frameworks().values()}


def default_of(schedule: Schedule, name: str, backend: Backend, class_: str) -> Any:
    """Return the default of the argument of *class_* that takes the parameter *name*."""
    if (schedule.kind, name) in WITHOUT_ARGUMENT:
        return WITHOUT_ARGUMENT[schedule.kind, name]
    bindings = backend.bindings_of(schedule.kind).bindings
    arguments = {
        argument
        for binding in bindings
        if binding.class_ == class_ and binding.argument_form == EXPLICIT
        for argument, source in binding.arguments.items()
        if name in source.names
    }
    (argument,) = arguments
    dialect = dialect_of(backend)
    assert dialect is not None
    return inspect.signature(dialect.classes[class_]).parameters[argument].default


def test_every_default_has_one_source():
    for kind, schedule in schedules().items():
        sources = schedule.document["source"]
        named = Counter(name for source in sources for name in source.get("defaults", ()))
        defaults = {
            name
            for name, p in schedule.parameters.items()
            if p.default is not None or p.default_formula is not None
        }
        assert named == Counter(defaults), kind


def test_a_default_from_a_framework_is_the_one_of_its_class_in_the_pinned_version():
    compared = 0
    for schedule in schedules().values():
        for source in schedule.document["source"]:
            backend = FRAMEWORKS.get(source["title"])
            for name in source.get("defaults", ()) if backend else ():
                parameter = schedule.parameters[name]
                class_ = source["where"].partition(":")[0]
                found = default_of(schedule, name, backend, class_)
                if parameter.default_formula is not None:
                    assert found is None, (schedule.kind, name)
                else:
                    assert found == parameter.default, (schedule.kind, name)
                compared += 1
    assert compared > 30


def test_a_source_that_names_a_framework_names_the_pinned_version():
    for schedule in schedules().values():
        for source in schedule.document["source"]:
            for backend in frameworks().values():
                if source["title"].startswith(backend.title):
                    assert source["title"] == pinned_title(backend), schedule.kind
                    assert f"/v{pinned_version(backend)}/" in source["url"], schedule.kind
