"""The rule language: Python's own arithmetic, reduced to an allow list, as methods of a class.

A rule is text from a JSON file. It is parsed, rebuilt node by node from the allow list, and only
what was rebuilt is compiled. Unlike the formula language of the specification it keeps Python's
semantics to the last bit, exceptions included: a division by zero is part of what a framework does.

A method is a formula, or a list of lines:

    "x = FORMULA"             a local name
    "self.x = FORMULA"        an attribute of the scheduler
    "group.x = FORMULA"       an option of the parameter group at hand
    "super(FORMULA, …)"       the base class's constructor
    "return FORMULA"          the value; the last line
    {"when": FORMULA, "then": [LINE, …]}
    {"when": FORMULA, "raise": TYPE, "message": PATTERN}
    {"when": FORMULA, "departure": ID}

A name is an argument of the method, a local name, a name of a group, an alias of the protocol, or
an attribute that the class declares; any other is refused when the rule is loaded. A formula
that reads the name of a group is computed for each group, over the zipped sequences that it reads;
a condition outside of all others that reads none is decided once.
"""

from __future__ import annotations

import ast
import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
_UNARY = (ast.USub, ast.UAdd, ast.Not)


def _first_above(values: Sequence[float], x: float) -> int:
    """Return the index of the first of *values* that is above *x*, their number if none is."""
    return next((i for i, value in enumerate(values) if x < value), len(values))


def _first_reached(values: Sequence[float], x: float) -> int:
    """Return the index of the first of *values* that is at least *x*, their number if none is."""
    return next((i for i, value in enumerate(values) if x <= value), len(values))


def _product(factor: Callable[[int], float], start: float, t: int) -> float:
    """Return start · factor(1) · … · factor(t), multiplied from the left."""
    for step in range(1, t + 1):
        start = start * factor(step)
    return start


def _logarithm(x: float, base: float) -> float:
    """Return CPython's `math.log(x, base)`: the quotient of two rounded logarithms."""
    return math.log(x, base)


#: Every function that a rule may call.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "callable": callable,
    "ceil": math.ceil,
    "cos": math.cos,
    "count": lambda values, x: list(values).count(x),
    "exp": math.exp,
    "first_above": _first_above,
    "first_reached": _first_reached,
    "float": float,
    "floor": math.floor,
    "int": int,
    "is_float": lambda x: isinstance(x, float),
    "is_integer": lambda x: isinstance(x, int),
    "is_list": lambda x: isinstance(x, (list, tuple)),
    "is_number": lambda x: isinstance(x, (int, float)),
    "len": len,
    "list": list,
    "logarithm": _logarithm,
    "lower": lambda text: text.lower(),
    "max": max,
    "min": min,
    "passed": bisect.bisect_right,
    "product": _product,
    "sorted": sorted,
}
_CONSTANTS = {"pi": math.pi, "inf": math.inf}


@dataclass(frozen=True)
class Scope:
    """The names that the rules of one class may read.

    `attributes` are those of the scheduler, `aliases` other names for some of them, `methods` its
    own. `groups` maps the name of a group to where it lies: `("group", "lr")` is an option of the
    parameter group, `("self", "base_lrs")` and `("local", "base_lrs")` are entries of a list.
    `functions` are those of the language and of the protocol.
    """

    place: str
    attributes: frozenset[str]
    groups: Mapping[str, tuple[str, str]]
    aliases: Mapping[str, str]
    methods: frozenset[str]
    functions: Mapping[str, Callable[..., Any]]

    def formula(self, text: str, local: frozenset[str]) -> ast.expr:
        """Return *text* as a tree of the allow list; raises `BadInput` for anything else."""
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise BadInput(self.place, text, "a formula in Python's expression syntax") from error
        return _Reducer(self, local, text).visit(parsed)  # type: ignore[no-any-return]


class _Reducer(ast.NodeTransformer):
    """Rebuilds an expression from the allow list, its names resolved."""

    def __init__(self, scope: Scope, local: frozenset[str], text: str) -> None:
        self.scope, self.local, self.text = scope, local, text

    def generic_visit(self, node: ast.AST) -> ast.AST:
        raise BadInput(self.scope.place, self.text, f"no {type(node).__name__} in a rule")

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if node.value is not None and not isinstance(node.value, (int, float, str)):
            self.generic_visit(node)
        return ast.Constant(node.value)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if name in self.local or name in _CONSTANTS or name in self.scope.groups:
            return ast.Name(name, ast.Load())
        if name in self.scope.aliases:
            return _attribute(self.scope.aliases[name])
        if name in self.scope.attributes:
            return _attribute(name)
        known = ", ".join(sorted({*self.local, *self.scope.groups, *self.scope.attributes}))
        raise BadInput(self.scope.place, f"the name {name} in {self.text}", f"one of {known}")

    def visit_List(self, node: ast.List) -> ast.expr:
        return ast.List([self.visit(item) for item in node.elts], ast.Load())

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return ast.Subscript(self.visit(node.value), self.visit(node.slice), ast.Load())

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if not isinstance(node.op, _UNARY):
            self.generic_visit(node)
        return ast.UnaryOp(node.op, self.visit(node.operand))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, _OPERATORS):
            self.generic_visit(node)
        return ast.BinOp(self.visit(node.left), node.op, self.visit(node.right))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, [self.visit(value) for value in node.values])

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) > 1 or not isinstance(node.ops[0], _COMPARISONS):
            self.generic_visit(node)
        return ast.Compare(self.visit(node.left), node.ops, [self.visit(node.comparators[0])])

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(self.visit(node.test), self.visit(node.body), self.visit(node.orelse))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        arguments = [self.visit(argument) for argument in node.args]
        if node.keywords:
            self.generic_visit(node)
        if name in self.scope.functions:
            return ast.Call(ast.Name(f"_{name}", ast.Load()), arguments, [])
        if name in self.scope.methods:
            return ast.Call(_attribute(name), arguments, [])
        callee: ast.expr = self.visit(ast.Name(name, ast.Load()))  # a function of the recipe
        return ast.Call(callee, arguments, [])


def _attribute(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load())


Line = str | Mapping[str, Any]


def method(
    name: str, arguments: Sequence[ast.arg], defaults: Sequence[ast.expr], rule: Any, scope: Scope
) -> ast.FunctionDef:
    """Return *rule* as the method *name* with *arguments*; raises `BadInput` for a bad rule."""
    lines: Sequence[Line] = [f"return {rule}"] if isinstance(rule, str) else rule
    writer = _Writer(scope, frozenset(argument.arg for argument in arguments))
    body = writer.block(lines)
    function = ast.FunctionDef(
        name=name,
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg("self"), *arguments],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=list(defaults),
        ),
        body=body or [ast.Pass()],
        decorator_list=[],
    )
    if "type_params" in ast.FunctionDef._fields:  # Python 3.12 and later
        vars(function)["type_params"] = []
    return function


class _Writer:
    """Writes the lines of one method; what reads a group goes into one loop over the groups."""

    def __init__(self, scope: Scope, arguments: frozenset[str]) -> None:
        self.scope = scope
        self.local = arguments
        #: The names that an argument does not hide.
        self.groups = {n: where for n, where in scope.groups.items() if n not in arguments}
        self.of_group: set[str] = set()

    def block(self, lines: Sequence[Line]) -> list[ast.stmt]:
        once: list[ast.stmt] = []
        each: list[ast.stmt] = []
        for line in lines:
            statements, grouped = self.line(line)
            if grouped and isinstance(line, str) and line.startswith("return "):
                return [*once, *self.returned(statements[0], each)]
            (each if grouped else once).extend(statements)
        return [*once, *(self.loop(each, collect=False) if each else [])]

    def line(self, line: Line) -> tuple[list[ast.stmt], bool]:
        """Return the statements of one line, and whether they speak of one group."""
        if not isinstance(line, str):
            return self.effect(line), False
        if line.startswith("return "):
            value = self.scope.formula(line.removeprefix("return "), self.local)
            return [ast.Return(value)], self.reads_group(value)
        if line.startswith("super("):
            return [self.base_constructor(line)], False
        target, equals, text = line.partition(" = ")
        if not equals:
            raise BadInput(self.scope.place, line, "`NAME = FORMULA` or `return FORMULA`")
        value = self.scope.formula(text, self.local)
        owner, dot, attribute = target.partition(".")
        if dot and owner == "self" and attribute in self.scope.attributes:
            return [ast.Assign([_store(_attribute(attribute))], value)], False
        if dot and owner == "group":
            option = ast.Subscript(ast.Name("group", ast.Load()), ast.Constant(attribute), ast.Store())
            return [ast.Assign([option], value)], True
        if dot or not target.isidentifier():
            raise BadInput(self.scope.place, line, "an assignment to a declared attribute")
        grouped = self.reads_group(value)
        self.local |= {target}
        if grouped:
            self.of_group.add(target)
        return [_assign(target, value)], grouped

    def base_constructor(self, line: str) -> ast.stmt:
        """Return the call of the base class's constructor."""
        given = self.scope.formula(f"max({line.removeprefix('super(')}", self.local)
        assert isinstance(given, ast.Call)  # noqa: S101 - it was written as one
        base = ast.Attribute(ast.Name("_base", ast.Load()), "__init__", ast.Load())
        return ast.Expr(ast.Call(base, [ast.Name("self", ast.Load()), *given.args], []))

    def effect(self, line: Mapping[str, Any]) -> list[ast.stmt]:
        """Return the statement of a line that decides, raises, or names a departure."""
        test = self.scope.formula(line["when"], self.local)
        found: list[ast.stmt] = self.block(line.get("then", ()))
        if "departure" in line:
            call = ast.Call(_attribute("departs"), [ast.Constant(line["departure"])], [])
            found.append(ast.Expr(call))
        if "raise" in line:
            error = ast.Call(
                ast.Name("_raised", ast.Load()),
                [ast.Constant(line["raise"]), ast.Constant(line["message"])],
                [],
            )
            found.append(ast.Raise(error))
        return [ast.If(test, found, [])]

    def returned(self, result: ast.stmt, each: list[ast.stmt]) -> list[ast.stmt]:
        """Return what decides among conditions that read no group, then loops over the groups."""
        assert isinstance(result, ast.Return)  # noqa: S101 - the caller's last line
        value = result.value
        if not each and isinstance(value, ast.IfExp) and not self.reads_group(value.test):
            body = self.returned(ast.Return(value.body), [])
            return [ast.If(value.test, body, []), *self.returned(ast.Return(value.orelse), [])]
        assert value is not None  # noqa: S101
        if not each and not self.reads_group(value):
            return [result]
        return [*self.loop([*each, _append(value)], collect=True), _returns_values()]

    def loop(self, body: list[ast.stmt], *, collect: bool) -> list[ast.stmt]:
        """Return a loop over the groups that *body* reads."""
        names = self.sequences(body)
        sequences: list[ast.expr] = []
        targets: list[ast.expr] = []
        for name, (owner, key) in names.items():
            if owner not in ("group", "nth"):
                sequences.append(_attribute(key) if owner == "self" else ast.Name(key, ast.Load()))
                targets.append(ast.Name(name, ast.Store()))
        if any(owner == "group" for owner, _ in names.values()) or _reads(body, "group"):
            place = 0 if _reads(body, "group") else len(sequences)  # where it is set, it leads
            groups = ast.Attribute(_attribute("optimizer"), "param_groups", ast.Load())
            sequences.insert(place, groups)
            targets.insert(place, ast.Name("group", ast.Store()))
        target, iterated = targets[0], sequences[0]
        if len(sequences) > 1:
            strict = [ast.keyword("strict", ast.Constant(True))]
            iterated = ast.Call(ast.Name("_zip", ast.Load()), sequences, strict)
            target = ast.Tuple(targets, ast.Store())
        body = [_Options(names).visit(line) for line in body]  # looked up where they are read
        if any(owner == "nth" for owner, _ in names.values()):
            target = ast.Tuple([ast.Name("index", ast.Store()), target], ast.Store())
            iterated = ast.Call(ast.Name("_enumerate", ast.Load()), [iterated], [])
        loop = ast.For(target, iterated, body, [])
        return [_assign("values", ast.List([], ast.Load())), loop] if collect else [loop]

    def sequences(self, body: list[ast.stmt]) -> dict[str, tuple[str, str]]:
        return {name: where for name, where in self.groups.items() if _reads(body, name)}

    def reads_group(self, node: ast.expr) -> bool:
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        return bool(names & (self.groups.keys() | self.of_group))


class _Options(ast.NodeTransformer):
    """Puts options of the parameter group, and entries by its index, in the place of their names."""

    def __init__(self, names: Mapping[str, tuple[str, str]]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        owner, key = self.names.get(node.id, ("", ""))
        if owner == "group":
            group = ast.Name("group", ast.Load())
            return ast.Subscript(group, ast.Constant(key), ast.Load())
        if owner == "nth":
            return ast.Subscript(_attribute(key), ast.Name("index", ast.Load()), ast.Load())
        return node


def _reads(body: Sequence[ast.AST], name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name for line in body for node in ast.walk(line)
    )


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _store(node: ast.expr) -> ast.expr:
    assert isinstance(node, ast.Attribute)  # noqa: S101
    return ast.Attribute(node.value, node.attr, ast.Store())


def _append(value: ast.expr) -> ast.stmt:
    append = ast.Attribute(ast.Name("values", ast.Load()), "append", ast.Load())
    return ast.Expr(ast.Call(append, [value], []))


def _returns_values() -> ast.stmt:
    return ast.Return(ast.Name("values", ast.Load()))


def functions(methods: Sequence[ast.FunctionDef], scope: Scope) -> dict[str, Callable[..., Any]]:
    """Return *methods* as functions that can reach the functions of *scope* and nothing else."""
    module = ast.fix_missing_locations(ast.Module(list(methods), []))
    space: dict[str, Any] = {f"_{name}": function for name, function in scope.functions.items()}
    space |= {**_CONSTANTS, "_raised": raised, "_zip": zip, "_enumerate": enumerate, "__builtins__": {}}
    exec(compile(module, f"<{scope.place}>", "exec"), space)  # noqa: S102 - rebuilt from the allow list
    return {method.name: space[method.name] for method in methods}


_ERRORS = {
    error.__name__: error
    for error in (AssertionError, AttributeError, KeyError, NotImplementedError, RuntimeError)
} | {"TypeError": TypeError, "ValueError": ValueError}


class Abort(BaseException):
    """The process ends: what it was asked for is lost."""


class Predicted:
    """Marks an exception whose message is a pattern; mixed into the exception's own class."""


def raised(kind: str, message: str) -> Exception:
    """Return an exception of *kind* whose *message* is a regular expression."""
    if kind == "Abort":
        raise Abort(message)
    error = type(kind, (Predicted, _ERRORS[kind]), {})
    return error(message)  # type: ignore[no-any-return]
