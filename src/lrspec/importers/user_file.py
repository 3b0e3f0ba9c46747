"""A scheduler that a user's file makes, `FILE.py:EXPRESSION`, run in its framework."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from lrspec.bindings.backend import Backend, backend_of, frameworks, packages
from lrspec.errors import BadInput
from lrspec.importers.scheduler import Read, of_description
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker

_SECONDS = 120.0


def of_file(
    argument: str, backend: str | None = None, pythons: Mapping[str, str] | None = None
) -> Read:
    """Return the recipe of what the expression of *argument* gives in its file, which is run.

    *backend* is needed only where the file does not import one framework. Raises `BadInput` that
    names the file and the expression, and `BackendAbsent` where the framework is not there.
    """
    path, expression = _parted(argument)
    found = backend_of(backend) if backend else _imported(_parsed(path), str(path))
    if backend:
        _parsed(path)
    python, _ = interpreter(found, pythons)
    asked = {"path": str(path.resolve()), "expression": expression, "trusted": packages()}
    with Worker(found, python) as worker:
        answer = worker.request({"read": asked}, _SECONDS)
    if answer["status"] == "timeout":
        expected = 'a file whose training stands under `if __name__ == "__main__":`'
        raise BadInput("the file", answer["reason"], expected, str(path))
    if "found" in answer:
        raise BadInput(expression, answer["found"], f"a scheduler of {found.title}", str(path))
    if answer["status"] != "description":
        whole = answer.get("place") != "expression"
        expected = "a file that runs, as an import runs it" if whole else "a scheduler"
        raise BadInput("the file" if whole else expression, answer["reason"], expected, str(path))
    try:
        return of_description(answer["description"])
    except BadInput as error:
        raise error.under(expression).in_file(str(path)) from error


def _parted(argument: str) -> tuple[Path, str]:
    """Return the file and the expression; a colon after `.py` parts them, else the first one."""
    path, mark, expression = argument.partition(".py:")
    if mark:
        path += ".py"
    else:
        path, mark, expression = argument.partition(":")
    if not mark or not path or not expression.strip():
        raise BadInput("FILE.py:EXPRESSION", argument, "a file, a colon and an expression")
    try:
        ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise BadInput("EXPRESSION", expression, "a Python expression", path) from error
    return Path(path), expression.strip()


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes())
    except OSError as error:
        found = (error.strerror or "no such file").lower()
        raise BadInput("the file", found, "a Python file", str(path)) from error
    except SyntaxError as error:
        place = f"line {error.lineno}" if error.lineno else "the file"
        raise BadInput(place, error.msg, "Python", str(path)) from error
    except ValueError as error:
        raise BadInput("the file", "a null byte", "Python", str(path)) from error


def _imported(tree: ast.Module, file: str) -> Backend:
    """Return the backend whose framework *tree* imports."""
    tops = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            tops |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            tops.add(node.module.partition(".")[0])
    plain = {backend.package: backend for backend in frameworks().values()}
    found = [name for name in plain if name in tops]
    if len(found) != 1:
        said = f"imports of {' and '.join(found)}" if found else f"no import of {', '.join(plain)}"
        raise BadInput("the file", said, "one framework, or --backend NAME", file)
    return plain[found[0]]
