"""A file that is read without running it gives the recipe of the scheduler that it builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrspec.bindings.backend import Backend, backend_of, frameworks, packages
from lrspec.codegen.emit import emit
from lrspec.errors import BadInput, Unsupported
from lrspec.importers.python_source.source import describe_source
from lrspec.importers.scheduler import Read, of_description
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import cases

FRAMEWORKS = [name for name, backend in frameworks().items() if backend.readable]


def sources(backend: Backend) -> Iterator[tuple[str, str, str]]:
    """Yield the id of each case with constructor calls, a file that builds it, and the expression."""
    for case in cases():
        try:
            emitted = emit(case.recipe, backend)
        except Unsupported:
            continue
        own = any(backend.bindings.class_of(name).defined_in for name in emitted.classes)
        if own:  # a class in the file, which is not a constructor call
            continue
        if backend.groups == "own rates":
            yield (
                case.id,
                f"{emitted.text}\n\n{optimizer(case.recipe, backend)}",
                "build_scheduler(optimizer)",
            )
        else:
            yield case.id, emitted.text, "build_scheduler()"


def optimizer(recipe: Recipe, backend: Backend) -> str:
    weight = f"{backend.package}.nn.Parameter({backend.package}.zeros(1))"
    groups = ", ".join(f"{{'params': [{weight}], 'lr': {lr!r}}}" for lr in recipe.bases)
    call = f"{backend.package}.optim.SGD([{groups}], lr=1.0, momentum=0.9)"
    return f"import {backend.package}\n\noptimizer = {call}\n"


def outcome(description: Any) -> Read | str:
    try:
        return replace(of_description(description), ahead=description["ahead"])
    except BadInput as error:
        return str(error)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_reading_a_file_without_running_it_gives_what_running_it_gives(
    framework: str, tmp_path: Path
):
    backend, path = backend_of(framework), tmp_path / "train.py"
    differs, same = {}, 0
    with Worker(backend, interpreter(backend)[0]) as worker:
        for case_id, text, expression in sources(backend):
            path.write_text(text, encoding="utf-8")
            request = {"path": str(path), "expression": expression, "trusted": packages()}
            answer = worker.describe({"read": request})
            try:
                static = outcome(describe_source(text, expression, backend, "train.py"))
            except BadInput as error:
                static = f"refused: {error}"
            if answer.description is None:  # the class refuses its arguments
                ok = isinstance(static, str) and "which raises" in static
            else:
                ok = static == outcome(answer.description)
            same += ok
            if not ok:
                differs[case_id] = static
    assert differs == {}
    assert same > 500
