"""A function of a file as `worker/functions.py` describes one, and as one that can be called."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from lrspec.importers.python_function.formula import source_formula
from lrspec.importers.python_function.partial_evaluation import Unreadable
from lrspec.importers.python_source.values import Builtin, Imported, Unknown, UserFunction
from lrspec.spec.formula.grammar import parse
from lrspec.spec.formula.unparse import python_of
from lrspec.worker import functions
from lrspec.worker.evaluate import remember

_LIBRARIES = ("math", "numpy")
_DEEPEST = 4


def described(function: UserFunction, text: str, depth: int = 0) -> dict[str, Any]:
    """Return *function* of the file with *text* as its worker would describe it, without values."""
    node = function.node
    read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    own = {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    outer = {n: function.names[n] for n in sorted(read - own) if n in function.names}
    names = {n: v for n, v in outer.items() if not isinstance(v, Builtin)}
    return {
        "name": function.name,
        "doc": functions.claim([doc]),
        "texts": [ast.get_source_segment(text, node)],
        "bound": {k: _value(v, text, depth) for k, v in function.bound.items()},
        "names": {k: _value(v, text, depth) for k, v in names.items()},
    }


def executable(
    line: int, function: UserFunction, description: Mapping[str, Any], key: str
) -> Callable[[Any], Any] | Unknown:
    """Return *function* as a lambda of its formula, whose name is *key*.

    Nothing of the file is run: the lambda is written from the formula's own allow list.
    """
    try:
        formula = source_formula(description)
    except Unreadable as reason:
        return Unknown(line, f"{function.name}, which is no formula of the step ({reason})")
    python = python_of(parse(formula))
    if python is None:
        return Unknown(line, f"{function.name}, whose formula {formula} has no Python expression")
    text = f"lambda t: {python}"
    remember(key, text)
    made: Callable[[Any], Any] = eval(  # noqa: S307 - unparsed from the formula's own allow list
        compile(text, key, "eval"), {"math": math}
    )
    made.__qualname__, made.__doc__ = key, description["doc"]
    return made


def _value(value: Any, text: str, depth: int) -> Any:
    plain = value if isinstance(value, str) else functions.number(value)
    if plain is not None or value is None:
        return plain
    match value:
        case Imported(path):
            library, _, name = path.rpartition(".")
            if path in _LIBRARIES:
                return {"module": path}
            return {"from": path} if library in _LIBRARIES else {"object": name}
        case UserFunction() if depth < _DEEPEST:
            return {"function": described(value, text, depth + 1)}
        case list() | tuple():
            items = {str(i): functions.number(item) for i, item in enumerate(value[:1000])}
            return {"items": {key: item for key, item in items.items() if item is not None}}
        case Unknown():
            return {"object": value.what}
    return {"object": type(value).__name__}
