"""A scheduler from a user's file, `FILE.py:EXPRESSION`, which is run in its framework."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import decode_source
from pathlib import Path

from lrspec.bindings.backend import Backend, backend_of, frameworks, packages
from lrspec.errors import BackendAbsent, BadInput
from lrspec.importers.python_source.source import describe_source
from lrspec.importers.scheduler import Read, of_description
from lrspec.json_input import read_bytes
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker

_SECONDS = 120.0


def is_in_file(argument: str) -> bool:
    """Return whether *argument* is `FILE.py:EXPRESSION`."""
    return ".py:" in argument


def of_file(
    argument: str,
    backend: str | None = None,
    pythons: Mapping[str, str] | None = None,
    *,
    static: bool = False,
) -> Read:
    """Return the recipe of the scheduler that the expression in *argument* gives in its file.

    The file is run in the framework's interpreter. Where that is missing, with *static*, and for
    another version than the pinned one, its constructor calls are read without running it, and a
    note says so. *backend*, `NAME` or `NAME==VERSION`, is needed only if the file does not import
    exactly one framework, or for a version. Raises `BadInput`, with the file and the
    expression, for anything but a readable scheduler, and `BackendAbsent` for an interpreter that
    *pythons* names and that does not have the framework.
    """
    framework = framework_of(argument, backend)
    if static or framework.version != frameworks()[framework.framework].version:
        reason = "--static" if static else f"--backend {backend}"
        return read_without_running(argument, framework, reason)
    try:
        python, _ = interpreter(framework, pythons)
        with Worker(framework, python) as worker:
            return read_in(worker, argument)
    except BackendAbsent as absent:
        if {framework.name, framework.framework} & (pythons or {}).keys():
            raise
        return read_without_running(argument, framework, str(absent))


def framework_of(argument: str, backend: str | None = None) -> Backend:
    """Return the framework that the file in *argument* imports, or the one called *backend*."""
    path, _ = _split(argument)
    _, tree = _parsed(path)
    return backend_of(backend) if backend else _imported(tree, str(path))


def read_in(worker: Worker, argument: str) -> Read:
    """Return what `of_file` returns, read in the interpreter of *worker*."""
    path, expression = _split(argument)
    framework = worker.backend
    request = {"path": str(path.resolve()), "expression": expression, "trusted": packages()}
    answer = worker.describe({"read": request}, _SECONDS)
    if answer.status == "timeout":
        expected = 'a file that trains only under `if __name__ == "__main__":`'
        raise BadInput("the file", answer.reason, expected, str(path))
    if answer.found:
        raise BadInput(expression, answer.found, f"a scheduler of {framework.title}", str(path))
    if answer.description is None:
        in_expression = answer.place == "expression"
        place = expression if in_expression else "the file"
        expected = "a scheduler" if in_expression else "a file that can be imported"
        raise BadInput(place, answer.reason, expected, str(path))
    try:
        return of_description(answer.description)
    except BadInput as error:
        raise error.under(expression).in_file(str(path)) from error


def read_without_running(argument: str, backend: Backend, reason: str) -> Read:
    """Return what `of_file` reads without running the file, for the *reason* that a note gives."""
    path, expression = _split(argument)
    text, file = _parsed(path)[0], str(path)
    try:
        description = describe_source(text, expression, backend, file)
    except BadInput as error:
        raise BadInput(error.place, error.found, f"{error.expected} ({reason})") from error
    try:
        read = of_description({**description, "version": backend.version})
    except BadInput as error:
        raise error.under(expression).in_file(file) from error
    version = backend.version
    predicted = f"as predicted by the dialect of {backend.title} {version}"
    note = f"{file} was not run ({reason}): its rates are {predicted}"
    recipe = replace(read.recipe, about={**(read.recipe.about or {}), "rates": predicted})
    return replace(read, recipe=recipe, notes=(note, *read.notes), predicted_by=version)


def _split(argument: str) -> tuple[Path, str]:
    """Return the file and the expression, separated by the colon after `.py` or else the first."""
    path, colon, expression = argument.partition(".py:")
    if colon:
        path += ".py"
    else:
        path, colon, expression = argument.partition(":")
    if not colon or not path or not expression.strip():
        raise BadInput("FILE.py:EXPRESSION", argument, "a file, a colon and an expression")
    try:
        ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise BadInput("EXPRESSION", expression, "a Python expression", path) from error
    return Path(path), expression.strip()


def _parsed(path: Path) -> tuple[str, ast.Module]:
    """Return the text of a Python file, and its tree."""
    try:
        data = read_bytes(path, "a Python file")
        tree = ast.parse(data)
        return decode_source(data), tree
    except BadInput as error:
        raise BadInput("the file", error.found, error.expected, str(path)) from error
    except (RecursionError, MemoryError) as error:
        raise BadInput("the file", "statements this deep", "Python", str(path)) from error
    except SyntaxError as error:
        place = f"line {error.lineno}" if error.lineno else "the file"
        raise BadInput(place, error.msg, "Python", str(path)) from error
    except ValueError as error:
        raise BadInput("the file", "a null byte", "Python", str(path)) from error


def _imported(tree: ast.Module, file: str) -> Backend:
    """Return the backend whose framework *tree* imports."""
    packages = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            packages |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            packages.add(node.module.partition(".")[0])
    by_package = {backend.package: backend for backend in frameworks().values()}
    imported = [name for name in by_package if name in packages]
    if len(imported) != 1:
        names = f"imports of {' and '.join(imported)}"
        if not imported:
            names = f"no import of {', '.join(by_package)}"
        raise BadInput("the file", names, "one framework, or --backend NAME", file)
    return by_package[imported[0]]
