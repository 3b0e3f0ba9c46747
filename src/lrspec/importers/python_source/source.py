"""The description of the scheduler that an expression builds in a file that is not run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from lrspec.bindings.backend import Backend
from lrspec.dialect.log import begin
from lrspec.errors import BadInput
from lrspec.importers import Description
from lrspec.importers.python_source.framework import Framework
from lrspec.importers.python_source.reader import Reader
from lrspec.importers.python_source.values import Imported, Unknown
from lrspec.worker.copies import is_scheduler
from lrspec.worker.same_optimizer import describe_all, is_list

_READ = (
    "constructor calls with literals, names bound to literals, or arithmetic on them: the file is "
    "not run"
)


def describe_source(text: str, expression: str, backend: Backend, file: str) -> Description:
    """Return the description of the scheduler that *expression* builds in the file *text*.

    The file is not run: its rates are those that the dialect of *backend* predicts. Raises
    `BadInput` that names the line and what is on it, for what cannot be read.
    """
    begin()
    framework = Framework(backend)
    lines = text if not text or text.endswith("\n") else f"{text}\n"
    tree = ast.parse(expression, mode="eval")
    ast.increment_lineno(tree, lines.count("\n"))
    try:
        reader = Reader(lines + expression, ast.parse(lines).body, framework)
        scheduler = reader.poison.known(reader.value(tree.body, reader.names))
    except RecursionError as error:
        raise BadInput(file, "statements this deep", _READ) from error
    if isinstance(scheduler, Unknown):
        in_file = scheduler.line <= lines.count("\n")
        place = f"{file}:{scheduler.line}" if in_file else f"{file}: {expression}"
        raise BadInput(place, scheduler.what, _READ)
    if not is_scheduler(scheduler) and not is_list(scheduler):
        kind = "a class" if isinstance(scheduler, Imported) else type(scheduler).__name__
        raise BadInput(f"{file}: {expression}", kind, f"a scheduler of {backend.title}")
    bases = {base for model in framework.classes.values() for base in model.__mro__}
    trusted = sorted({base.__module__.partition(".")[0] for base in bases})
    try:
        description = describe_all(scheduler, trusted, reader.names.maps[0])
    except ValueError as error:
        raise BadInput(
            f"{file}: {expression}", str(error), "schedulers of one optimizer"
        ) from error
    return dict(_as_live(description, framework, reader.functions))


def _as_live(part: Any, framework: Framework, functions: Mapping[str, Any]) -> Any:
    """Return (part of) the description of a model as that of the framework's object."""
    if isinstance(part, list):
        return [_as_live(item, framework, functions) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("name") in functions and "values" in part:
        return {**functions[part["name"]], "values": part["values"]}
    found = {key: _as_live(item, framework, functions) for key, item in part.items()}
    modeled = {c.__qualname__ for c in framework.classes.values()}
    for base in found.get("lineage", ()):
        if base["name"] in modeled:
            base["module"] = framework.backend.module
    return found
