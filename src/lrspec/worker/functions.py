"""A Python function of the step as plain JSON: its source, the values of its names, its values.

Runs in the process of the function: standard library only, Python 3.8 syntax.

    name      its qualified name
    doc       its docstring or its class's, if that contains a recipe
    texts     its possible sources: several if there are several lambdas on one line
    bound     the parameters with a value: defaults, the arguments of a partial, `self`
    names     the values of the other names that it reads: a number, a string, None,
              {"module": name}, {"from": "math.cos"}, {"attributes": {…}}, {"items": {…}},
              {"function": …} without its values, or {"object": class name}
    values    pairs of a step and the function's value there, null where it raises
"""

import ast
import contextlib
import copy
import functools
import inspect
import math
import re
import time
import types
from itertools import combinations
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

_FIRST = 65
_FAR = (100, 1000, 10000, 100000)
_LARGEST = 10**6
_MOST = 500
_SECONDS = 1.0
_DEEPEST = 4


def number(value: Any) -> Any:
    """Return *value* as a plain number, {"float": …} if JSON has no such number, None otherwise.

    An array or a tensor with one element counts as a number.
    """
    if hasattr(value, "item") and getattr(value, "size", 0) is not None:
        with contextlib.suppress(Exception):
            value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value if isinstance(value, (int, float)) else None


def claim(docs: Iterable[Any]) -> Optional[str]:
    """Return the first of *docs* that is a docstring with a recipe, None if there is none."""
    return next((doc for doc in docs if isinstance(doc, str) and "Recipe:" in doc), None)


def describe(function: Any, depth: int = 0) -> Dict[str, Any]:
    """Return *function*, any callable that takes a step, as a JSON object."""
    inner, bound = _unwrapped(function)
    is_plain = isinstance(inner, types.FunctionType)
    read = set(_names(inner.__code__)) if is_plain else set()
    outer = _outer(inner, read) if is_plain else ()
    description = {
        "name": getattr(inner, "__qualname__", type(function).__name__),
        "doc": claim(getattr(x, "__doc__", None) for x in (inner, function, type(function))),
        "texts": _texts(inner) if is_plain else [],
        "bound": {k: _value(v, read, depth) for k, v in bound.items()},
        "names": {k: _value(v, read, depth) for k, v in outer},
    }
    if depth == 0:
        description["values"] = values(function, sorted(numbers(description)))
    return description


def _unwrapped(function: Any) -> Tuple[Any, Dict[str, Any]]:
    """Return the plain function inside *function*, and the values of its bound parameters."""
    keywords: Dict[str, Any] = {}
    positional: List[Any] = []
    inner = function
    while not isinstance(inner, types.FunctionType):
        if isinstance(inner, functools.partial):
            keywords = dict(inner.keywords, **keywords)
            positional = [*inner.args, *positional]
            inner = inner.func
        elif isinstance(inner, types.MethodType):
            positional = [inner.__self__, *positional]
            inner = inner.__func__
        elif hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        elif isinstance(vars(type(inner)).get("__call__"), types.FunctionType):
            positional = [inner, *positional]
            inner = vars(type(inner))["__call__"]
        else:
            return inner, {}
    parameters = inspect.signature(inner).parameters
    bound = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
    bound.update(zip(parameters, positional))
    bound.update(keywords)
    return inner, bound


def _texts(function: types.FunctionType) -> List[str]:
    """Return the source of each lambda or def on the line where *function* begins."""
    code = function.__code__
    try:
        text = "".join(inspect.findsource(function)[0])
        tree = ast.parse(text)
    except Exception:
        return []
    texts = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            line = node.lineno
        elif isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            line = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        else:
            continue
        names = tuple(a.arg for a in [*node.args.posonlyargs, *node.args.args])
        if line == code.co_firstlineno and names == code.co_varnames[: code.co_argcount]:
            segment = ast.get_source_segment(text, node)
            if segment and segment not in texts:
                texts.append(segment)
    return texts


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield every name that *code* reads: globals, attributes, variables of enclosing functions."""
    yield from code.co_names
    yield from code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _outer(function: types.FunctionType, read: Any) -> Iterator[Tuple[str, Any]]:
    """Yield the global and enclosing variables that *function* reads, with their values."""
    for name in sorted(read):
        if name in function.__globals__:
            yield name, function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        with contextlib.suppress(ValueError):  # the variable has no value yet
            yield name, cell.cell_contents


def _value(value: Any, read: Any, depth: int) -> Any:
    plain = _plain(value)
    if plain is not None or value is None:
        return plain
    if isinstance(value, types.ModuleType):
        return {"module": value.__name__}
    module = getattr(value, "__module__", None) or ""
    library = module.partition(".")[0]
    if isinstance(value, types.BuiltinFunctionType) or library in ("builtins", "math", "numpy"):
        return {"from": "{}.{}".format(library, getattr(value, "__name__", "?"))}
    if isinstance(value, (list, tuple, dict)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        items = ((str(key), _plain(item)) for key, item in list(pairs)[:1000])
        return {"items": {key: item for key, item in items if item is not None}}
    if isinstance(value, types.FunctionType) and depth < _DEEPEST:
        return {"function": describe(value, depth + 1)}
    owners = [*reversed(type(value).__mro__[:-1]), value]  # the object's own attributes win
    layers = [getattr(owner, "__dict__", {}) for owner in owners]
    attributes = {n: layer[n] for layer in layers for n in sorted(read) if n in layer}
    plain_ones = {n: _plain(item) for n, item in attributes.items()}
    known = {n: p for n, p in plain_ones.items() if p is not None or attributes[n] is None}
    return {"attributes": known} if known else {"object": type(value).__name__}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else number(value)


def values(function: Callable[[int], Any], numbers: List[int]) -> List[Tuple[int, Any]]:
    """Return the function's values at the first steps, around each of *numbers* and far beyond.

    A callable object, or the object of a method, is copied first: it may count its calls.
    """
    near = {n + d for n in numbers for d in (-1, 0, 1)}
    sums = {a + b + d for a, b in combinations(numbers[:16], 2) for d in (-1, 0)}
    pairs = []
    if isinstance(function, types.MethodType):
        with contextlib.suppress(Exception):
            function = types.MethodType(function.__func__, copy.copy(function.__self__))
    elif not isinstance(function, types.FunctionType):
        try:
            function = copy.deepcopy(function)
        except Exception:
            return []
    deadline = time.monotonic() + _SECONDS
    for t in sorted({*range(_FIRST), *_FAR, *near, *list(sums)[: _MOST - 2 * _FIRST]}):
        if t < 0:
            continue
        try:
            value = number(function(t))
        except Exception:
            value = None
        pairs.append((t, value if not isinstance(value, dict) else None))
        if time.monotonic() > deadline:
            break
    return pairs


def numbers(part: Any) -> Any:
    """Return the integers from 2 to a million anywhere in *part* of a description."""
    if isinstance(part, bool):
        return set()
    if isinstance(part, (int, float)):
        return {int(part)} if part == int(part) and 2 <= part <= _LARGEST else set()
    if isinstance(part, str):
        texts = re.findall(r"(?<![\w.])\d+(?:\.0)?(?![\w.])", part)
        return set().union(*(numbers(float(text)) for text in texts))
    items = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return set().union(*map(numbers, items))
