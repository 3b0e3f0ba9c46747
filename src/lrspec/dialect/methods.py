"""The methods of a class, compiled from the lines of its rules."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrspec.dialect.functions import raised
from lrspec.dialect.language import Scope, attribute
from lrspec.dialect.log import departs
from lrspec.errors import BadInput

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
    """Writes the lines of one method; lines that read a group go into one loop over the groups."""

    def __init__(self, scope: Scope, arguments: frozenset[str]) -> None:
        self.scope = scope
        self.local = arguments
        #: The names that an argument does not hide.
        self.groups = {n: where for n, where in scope.groups.items() if n not in arguments}
        self.of_group: set[str] = set()

    def block(self, lines: Sequence[Line]) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        each: list[ast.stmt] = []  # lines of one loop over the groups
        for line in lines:
            names = set(self.of_group)
            statements, grouped = self.line(line)
            if grouped and isinstance(line, str) and line.startswith("return "):
                return [*done, *self.returned(statements[0], each)]
            if grouped:
                each.extend(statements)
            elif each and not names:  # no later line needs what this loop computes
                done += [*self.loop(each, collect=False), *statements]
                each = []
            else:
                done.extend(statements)
        return [*done, *(self.loop(each, collect=False) if each else [])]

    def line(self, line: Line) -> tuple[list[ast.stmt], bool]:
        """Return the statements of one line, and whether they apply to each group."""
        if not isinstance(line, str):
            statement = self.effect(line)
            if self.reads_group(statement.test):  # of any group; it changes nothing
                return self.loop([statement], collect=False, strict=False), False
            return [statement], False
        if line.startswith("return "):
            value = self.scope.formula(line.removeprefix("return "), self.local)
            return [ast.Return(value)], self.reads_group(value)
        if line.startswith("super("):
            return [self.base_constructor(line)], False
        target, equals, text = line.partition(" = ")
        if not equals:
            raise BadInput(self.scope.place, line, "`NAME = FORMULA` or `return FORMULA`")
        value = self.scope.formula(text, self.local)
        owner, dot, name = target.partition(".")
        if dot and owner == "self" and name in self.scope.attributes:
            return [ast.Assign([_store(attribute(name))], value)], False
        if dot and owner == "group":
            option = ast.Subscript(ast.Name("group", ast.Load()), ast.Constant(name), ast.Store())
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

    def effect(self, line: Mapping[str, Any]) -> ast.If:
        """Return the statement of a line that decides, raises, or names a departure."""
        test = self.scope.formula(line["when"], self.local)
        found: list[ast.stmt] = self.block(line.get("then", ()))
        if "departure" in line:
            call = ast.Call(ast.Name("_departs", ast.Load()), [ast.Constant(line["departure"])], [])
            found.append(ast.Expr(call))
        if "raise" in line:
            error = ast.Call(
                ast.Name("_raised", ast.Load()),
                [ast.Constant(line["raise"]), ast.Constant(line["message"])],
                [],
            )
            found.append(ast.Raise(error))
        return ast.If(test, found, [])

    def returned(self, result: ast.stmt, each: list[ast.stmt]) -> list[ast.stmt]:
        """Return statements that decide conditions without groups, then loop over the groups."""
        assert isinstance(result, ast.Return)  # noqa: S101 - the caller's last line
        value = result.value
        if not each and isinstance(value, ast.IfExp) and not self.reads_group(value.test):
            body = self.returned(ast.Return(value.body), [])
            return [ast.If(value.test, body, []), *self.returned(ast.Return(value.orelse), [])]
        assert value is not None  # noqa: S101
        if not each and not self.reads_group(value):
            return [result]
        return [*self.loop([*each, _append(value)], collect=True), _returns_values()]

    def loop(self, body: list[ast.stmt], *, collect: bool, strict: bool = True) -> list[ast.stmt]:
        """Return a loop over the groups that *body* reads."""
        names = self.sequences(body)
        sequences: list[ast.expr] = []
        targets: list[ast.expr] = []
        for name, (owner, key) in names.items():
            if owner not in ("group", "nth"):
                sequences.append(attribute(key) if owner == "self" else ast.Name(key, ast.Load()))
                targets.append(ast.Name(name, ast.Store()))
        if any(owner == "group" for owner, _ in names.values()) or _reads(body, "group"):
            place = 0 if _reads(body, "group") else len(sequences)  # first if an option is assigned
            groups = ast.Attribute(attribute("optimizer"), "param_groups", ast.Load())
            sequences.insert(place, groups)
            targets.insert(place, ast.Name("group", ast.Store()))
        target, iterated = targets[0], sequences[0]
        if len(sequences) > 1:
            keywords = [ast.keyword("strict", ast.Constant(strict and self.scope.strict))]
            iterated = ast.Call(ast.Name("_zip", ast.Load()), sequences, keywords)
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
    """Replaces names by options of the parameter group, and by entries at its index."""

    def __init__(self, names: Mapping[str, tuple[str, str]]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        owner, key = self.names.get(node.id, ("", ""))
        if owner == "group":
            group = ast.Name("group", ast.Load())
            return ast.Subscript(group, ast.Constant(key), ast.Load())
        if owner == "nth":
            return ast.Subscript(attribute(key), ast.Name("index", ast.Load()), ast.Load())
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
    space |= {
        **scope.constants,
        "_raised": raised,
        "_zip": zip,
        "_enumerate": enumerate,
        "_departs": departs,
        "__builtins__": {},
    }
    exec(compile(module, f"<{scope.place}>", "exec"), space)  # noqa: S102 - rebuilt from the allow list
    return {method.name: space[method.name] for method in methods}
