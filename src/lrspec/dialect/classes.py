"""The classes of a framework, built from their rules: `backends/<name>/dialect/classes.json`.

Each entry becomes a Python class that derives from one of the protocol's. The attributes of an
instance are those of the framework's object, and so determine what is saved and what is lost.

    extends      the protocol's class, by default `BASE`
    arguments    those of the constructor: a default as a formula, or null where one is required
    attributes   the attributes of an instance, in addition to its arguments
    groups       names of a parameter group, in addition to those of the protocol
    init         the constructor's lines; by default each argument is stored
    METHOD       a rule for each of the protocol's `METHODS`
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from lrspec.dialect.functions import CONSTANTS, FUNCTIONS
from lrspec.dialect.language import Scope
from lrspec.dialect.methods import functions, method
from lrspec.errors import BadInput, of_form

_KEYS = frozenset({"extends", "arguments", "attributes", "groups", "init"})


def classes(
    rules: Mapping[str, Mapping[str, Any]],
    protocol: ModuleType,
    functions: Mapping[str, Callable[..., Any]] = FUNCTIONS,
    constants: Mapping[str, Any] = CONSTANTS,
) -> dict[str, type]:
    """Return the classes that *rules* and *protocol* declare, by their names.

    *functions* and *constants* are those of the language. Raises `BadInput` for a rule that is not
    of the language, or reads an unknown name.
    """
    made: dict[str, type] = dict(protocol.CLASSES)
    with of_form("the rules of a framework's classes, as dialect/language.py documents them"):
        for name, rule in rules.items():
            made[name] = _class(name, rule, protocol, functions, constants)
    return made


def _class(
    name: str,
    rule: Mapping[str, Any],
    protocol: ModuleType,
    called: Mapping[str, Callable[..., Any]],
    constants: Mapping[str, Any],
) -> type:
    unknown = rule.keys() - _KEYS - protocol.METHODS.keys()
    if unknown:
        known = ", ".join(sorted({*_KEYS, *protocol.METHODS}))
        raise BadInput(f"$.{name}", ", ".join(unknown), f"one of {known}")
    base = getattr(protocol, rule.get("extends", protocol.BASE))
    arguments = rule.get("arguments", {})
    groups = {**protocol.GROUPS, **{k: tuple(v) for k, v in rule.get("groups", {}).items()}}
    kept = arguments if "init" not in rule else {}
    scope = Scope(
        place=f"$.{name}",
        attributes=frozenset({*kept, *rule.get("attributes", ()), *protocol.ATTRIBUTES}),
        groups=groups,
        aliases=protocol.ALIASES,
        methods=frozenset(called for called, _ in protocol.METHODS.values()),
        functions={**called, **protocol.FUNCTIONS},
        constants=constants,
        strict=getattr(protocol, "STRICT", True),
    )
    made = [_constructor(rule, arguments, protocol, scope)]
    for key, (method_name, given) in protocol.METHODS.items():
        if key in rule:
            parameters = [ast.arg(argument) for argument in given]
            made.append(method(method_name, parameters, [], rule[key], scope))
    compiled = functions(made, scope)
    for function in compiled.values():
        function.__globals__["_base"] = base
        function.__qualname__ = f"{name}.{function.__name__}"
    return type(name, (base,), compiled)


def _constructor(
    rule: Mapping[str, Any], arguments: Mapping[str, Any], protocol: ModuleType, scope: Scope
) -> ast.FunctionDef:
    """Return the constructor: the rule's lines, then the base class's unless a line calls it."""
    required = [name for name, default in arguments.items() if default is None]
    optional = {name: default for name, default in arguments.items() if default is not None}
    order = [*protocol.FIRST, *required, *optional, *protocol.LAST]
    defaults = [_default(text, scope) for text in (*optional.values(), *protocol.LAST.values())]
    lines = rule.get("init", [f"self.{name} = {name}" for name in arguments])
    if not any(isinstance(line, str) and line.startswith("super(") for line in lines):
        lines = [*lines, f"super({', '.join(protocol.SUPER)})"]
    return method("__init__", [ast.arg(name) for name in order], defaults, lines, scope)


def _default(text: str, scope: Scope) -> ast.expr:
    return scope.formula(str(text), frozenset())
