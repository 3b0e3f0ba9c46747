"""The statements and expressions of a file: imports, assignments, functions, and plain calls."""

from __future__ import annotations

import ast
import builtins
import math
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.importers.python_source import arithmetic
from lrspec.importers.python_source.framework import Framework
from lrspec.importers.python_source.functions import described, executable
from lrspec.importers.python_source.poison import Poison
from lrspec.importers.python_source.values import (
    Builtin,
    Imported,
    Names,
    Unknown,
    Unread,
    UserFunction,
    needed,
)

_BUILTINS = ("abs", "float", "int", "len", "max", "min", "round", "sum")
_ERRORS = (ArithmeticError, LookupError, TypeError, ValueError)
_MOST_CALLS = 1000
_DEEPEST = 20
_LONGEST = 40


class Returned(Exception):
    """Ends a function of the file with its *value*."""

    def __init__(self, value: Any) -> None:
        self.value = value
        super().__init__()


class Reader:
    """Reads the file *text* with the classes of *framework*, statement by statement.

    A value that it cannot read is `Unknown`; only a value that is needed must be known.
    """

    def __init__(self, text: str, statements: Sequence[ast.stmt], framework: Framework) -> None:
        self.text, self.framework = text, framework
        #: The functions of the file that a scheduler calls, by the names of their lambdas.
        self.functions: dict[str, Mapping[str, Any]] = {}
        self.poison = Poison()
        self._calls = self._depth = 0
        known: dict[str, Any] = {n: Builtin(getattr(builtins, n)) for n in _BUILTINS}
        self.names: Names = ChainMap({}, known)
        self._execute(statements, self.names)

    def _execute(self, statements: Sequence[ast.stmt], names: Names) -> None:
        """Read *statements*; raises `Returned` at a return."""
        for statement in statements:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    names.update(_imports(statement, self.framework))
                case ast.FunctionDef(name=name, decorator_list=[]):
                    names[name] = self._function(statement, name, names)
                case (
                    ast.Assign(targets=[ast.Name(name)], value=node)
                    | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as node)
                ):
                    names[name] = self._assigned(statement, node, names)
                case ast.Return(value=node):
                    raise Returned(None if node is None else self.value(node, names))
                case ast.Pass() | ast.Expr(value=ast.Constant()):
                    pass
                case ast.If(test=ast.Compare(left=ast.Name("__name__"))) if not self._depth:
                    pass  # an import does not run it
                case _:
                    self._skip(statement, Unknown(statement.lineno, _shown(statement)), names)

    def _assigned(self, statement: ast.stmt, node: ast.expr, names: Names) -> Any:
        """Return the value of *node*; what cannot be read may change what it is given."""
        value = self.value(node, names)
        if isinstance(value, Unknown):
            self._skip(statement, value, names)
        return value

    def _skip(self, statement: ast.stmt, reason: Unknown, names: Names) -> None:
        """Make unknown what *statement*, which is not read, may bind, change or return."""
        ends = False
        for node in ast.walk(statement):
            match node:
                case ast.Name(name, ast.Load()):
                    self.poison.spread(names.get(name), reason)
                case ast.Name(name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    names[name] = reason
                case ast.alias(name, other):
                    names[other or name.partition(".")[0]] = reason
                case ast.Return() | ast.Raise():
                    ends = self._depth > 0
        if ends:
            raise Returned(reason)

    def value(self, node: ast.expr, names: Names) -> Any:
        """Return the value of *node*, `Unknown` where it cannot be read."""
        try:
            return self.poison.current(self._value(node, names))
        except Unread as unread:
            return unread.unknown
        except _ERRORS as error:
            return Unknown(node.lineno, f"{_shown(node)} ({error})")

    def _needed(self, node: ast.expr, names: Names) -> Any:
        return needed(self.value(node, names))

    def _value(self, node: ast.expr, names: Names) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return names.get(name, Unknown(node.lineno, f"the name {name}"))
            case ast.UnaryOp(op, operand):
                return arithmetic.unary(op, self._needed(operand, names))
            case ast.BinOp(left, operator, right):
                pair = self._needed(left, names), self._needed(right, names)
                return arithmetic.binary(pair[0], operator, pair[1])
            case ast.List() | ast.Tuple() | ast.Dict():
                return self._container(node, names)
            case ast.Lambda():
                return self._function(node, "<lambda>", names)
            case ast.Attribute(owner, attribute):
                module = self._needed(owner, names)
                if isinstance(module, Imported):
                    return _imported(f"{module.path}.{attribute}")
            case ast.Call():
                return self._call(node, names)
        return Unknown(node.lineno, _shown(node))

    def _container(self, node: ast.List | ast.Tuple | ast.Dict, names: Names) -> Any:
        if isinstance(node, ast.Dict):
            keys = [self._needed(key, names) for key in node.keys if key is not None]
            return dict(zip(keys, (self.value(v, names) for v in node.values), strict=True))
        items = [self.value(item, names) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)

    def _function(
        self, node: ast.Lambda | ast.FunctionDef, name: str, names: Names
    ) -> UserFunction:
        """Return a lambda or a function with the values of its defaults."""
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
        named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        pairs += [(argument, default) for argument, default in named if default is not None]
        bound = {argument.arg: self.value(default, names) for argument, default in pairs}
        return UserFunction(node, names, name, bound)

    def _call(self, node: ast.Call, names: Names) -> Any:
        """Return what a call returns: a scheduler, an optimizer, a number."""
        line, name = node.lineno, _shown(node.func)
        if any(keyword.arg is None for keyword in node.keywords):
            return Unknown(line, f"a call of {name} with **")
        given = [self.value(argument, names) for argument in node.args]
        named = {k.arg: self.value(k.value, names) for k in node.keywords if k.arg is not None}
        self._calls += 1
        if self._calls > _MOST_CALLS:
            return Unknown(line, f"more than {_MOST_CALLS:,} calls")
        match self.value(node.func, names):
            case Imported(path) if model := self.framework.scheduler(path):
                return self._scheduler(line, model, given, named)
            case Imported(path) if self.framework.is_optimizer(path):
                return self.framework.optimizer(line, name, given, named)
            case Imported(path) if self.framework.has(path):
                return Unknown(line, f"a call of {name}", are_parameters=True)
            case Imported(path) if path.startswith("math.") and not named:
                return getattr(math, path.removeprefix("math."))(*map(needed, given))
            case Builtin(function) if not named:
                return function(*map(needed, given))
            case UserFunction() as function:
                return self._called(line, function, given, named)
            case Unknown() as callee if callee.line != line and not name.endswith(".parameters"):
                return callee
        return Unknown(line, f"a call of {name}", are_parameters=name.endswith(".parameters"))

    def _called(
        self, line: int, function: UserFunction, given: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Return what a function of the file returns."""
        arguments = function.node.args
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        local = {**function.bound, **dict(zip(positional, given, strict=False)), **named}
        known = {*positional, *(a.arg for a in arguments.kwonlyargs)}
        if len(given) > len(positional) or local.keys() != known or self._depth > _DEEPEST:
            return Unknown(line, f"a call of {function.name} with these arguments")
        names = function.names.new_child(local)
        if isinstance(function.node, ast.Lambda):
            return self.value(function.node.body, names)
        self._depth += 1
        try:
            self._execute(function.node.body, names)
        except Returned as returned:
            return returned.value
        finally:
            self._depth -= 1
        return None

    def _scheduler(
        self, line: int, model: type, given: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        positional = [self._argument(line, value) for value in given]
        options = {name: self._argument(line, value) for name, value in named.items()}
        return self.framework.built(line, model, model.__name__, positional, options)

    def _argument(self, line: int, value: Any) -> Any:
        """Return an argument of a scheduler's constructor: a function can be called."""
        if isinstance(value, (list, tuple)):
            return type(value)(self._argument(line, item) for item in value)
        known = needed(self.poison.current(value))
        if not isinstance(known, UserFunction):
            return known
        key = f"<function {len(self.functions)}>"
        self.functions[key] = described(known, self.text)
        return needed(executable(line, known, self.functions[key], key))


def _imports(statement: ast.Import | ast.ImportFrom, framework: Framework) -> dict[str, Any]:
    """Return the names that an import binds; with a `*`, the framework's schedulers."""
    if isinstance(statement, ast.Import):
        tops = {alias.name.partition(".")[0] for alias in statement.names if not alias.asname}
        others = {alias.asname: alias.name for alias in statement.names if alias.asname}
        return {name: Imported(path) for name, path in {**others, **{t: t for t in tops}}.items()}
    module = f"{'.' * statement.level}{statement.module or ''}"
    pairs = [(alias.asname or alias.name, alias.name) for alias in statement.names]
    if pairs == [("*", "*")]:
        pairs = [(name, name) for name in framework.classes if framework.has(module)]
    return {bound: _imported(f"{module}.{name}") for bound, name in pairs}


def _imported(path: str) -> Any:
    """Return the value of a constant of `math`, else the name itself."""
    found = getattr(math, path.removeprefix("math."), None) if path.startswith("math.") else None
    return found if isinstance(found, float) else Imported(path)


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node).partition("\n")[0]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
