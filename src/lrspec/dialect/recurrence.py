"""What a framework computes at every step of a run, as expressions.

The model of the framework is run on traced numbers. The result is a tree of conditions on the step
t and on the state, whose leaves give the next state: the rate, and whatever else the model reads
from the step before.
"""

from __future__ import annotations

import ast
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, TypeAlias, Union

from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call
from lrspec.dialect.traced import Untraceable
from lrspec.dialect.traced_model import MOMENTUM, RATE, Model, TracedStep, Variables
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import constant, count, name
from lrspec.spec.formula.unparse import unparse

_SPLITS = 12  # steps at which a model may change its behavior without a condition
_EVERY = 2000  # steps that are all traced; later ones are, if they are in `near`
_STRIDE = 61
#: What an expression may read beside the step and the state.
_NAMES = {
    "__builtins__": {f.__name__: f for f in (abs, float, int, max, min)},
    "bisect_right": bisect_right,
    "math": math,
}


@dataclass(frozen=True)
class Leaf:
    """The next value of each state variable."""

    values: Mapping[str, ast.expr]


@dataclass(frozen=True)
class Failure:
    """The exception that ends the run; its message is a regular expression."""

    type: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Return *error* as a failure of its nearest built-in type."""
        kind = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
        return cls(kind.__name__, str(error))


@dataclass(frozen=True)
class Branch:
    """A condition, and what follows if it holds and if it does not."""

    test: ast.expr
    then: Node
    other: Node


Node: TypeAlias = Union[Leaf, Failure, Branch]  # noqa: UP007 - evaluated by Python 3.10


@dataclass(frozen=True)
class Recurrence:
    """The state at step 0, and the tree that gives the state of step t ≥ 1 from the one before.

    The first of the variables in `first` is the rate; the momentum is one of them if it moves.
    `last` is the state at the last step.
    """

    first: Mapping[str, float]
    node: Node
    last: Mapping[str, float]

    @property
    def closed(self) -> bool:
        """Whether the rate depends on the step alone."""
        return not any(reads(self.node, variable) for variable in self.first)

    def step(self, t: int, state: Mapping[str, float]) -> Mapping[str, float] | None:
        """Return the state of step *t* from that of the step before; None if it fails."""
        node, names = self.node, {**state, "t": t}
        while isinstance(node, Branch):
            node = node.then if _value(node.test, names) else node.other
        if isinstance(node, Failure):
            return None
        return {variable: _value(tree, names) for variable, tree in node.values.items()}


def recurrence(
    backend: Backend,
    tree: Call,
    base_lr: Sequence[float],
    steps: int,
    *,
    near: Sequence[int] = (),
    metrics: Sequence[float] | None = None,
) -> Recurrence:
    """Return what the scheduler *tree* computes in steps 0 … *steps* − 1 for the first group.

    In a long run, not every step is traced: the first ones, those *near*, and samples. *metrics*
    are those that each step is given, None if it takes none. Raises `Unsupported` where the
    framework has no dialect, and where its model does what has no expression.
    """
    plain = Model(backend, tree, base_lr, metrics)
    before, error = [plain.numbers()], None
    for t in range(1, steps):
        error = plain.step(t)
        if error is not None:
            break
        before.append(plain.numbers())
    ends, variables = len(before), Variables(before, plain.rate)
    model = Model(backend, tree, base_lr, metrics, traced=True)
    wanted = {*range(1, _EVERY), *range(1, ends, _STRIDE), *near, ends - 1}
    traced = []
    try:
        for t in range(1, ends):
            if t in wanted:
                traced.append(model.traced_step(t, variables))
            else:
                model.untraced_step(t)
    except (Untraceable, TypeError) as reason:  # a traced number where the model needs a plain one
        raise Unsupported(f"a rule of {tree.name} has no expression: {reason}") from reason
    found = _assembled(variables, traced)
    if error is None:
        return found
    past_the_end = ast.Compare(name("t"), [ast.GtE()], [ast.Constant(ends)])
    return replace(found, node=Branch(past_the_end, Failure.of(error), found.node))


@dataclass(frozen=True)
class _Step:
    """A traced step, with the text of each decision, and what it results in."""

    traced: TracedStep
    keys: Sequence[str]
    leaf: Leaf

    def key(self, depth: int) -> str:
        """Return the text of the decision at *depth*, empty if there is none."""
        return self.keys[depth] if depth < len(self.keys) else ""


def _assembled(variables: Variables, traced: Sequence[TracedStep]) -> Recurrence:
    """Return the tree of the *traced* steps, with the variables that the rate depends on."""
    keys = [[ast.dump(test) for test, _ in step.path] for step in traced]
    needed = [variable for variable in (RATE, MOMENTUM) if variable in variables.names.values()]
    while True:
        steps = (_Step(s, own, _leaf(s, needed)) for s, own in zip(traced, keys, strict=True))
        node = _merged(list(steps), 0) if traced else Leaf({RATE: name(RATE)})
        more = [v for v in variables.names.values() if v not in needed and reads(node, v)]
        if not more:
            break
        needed += more
    first, last = ({v: variables.at(index, v) for v in needed} for index in (0, -1))
    return Recurrence(first, node, last)


def _value(tree: ast.expr, names: Mapping[str, float]) -> Any:
    """Return the value of *tree*, an expression of a dialect or of a recipe's formula."""
    return eval(unparse(tree), dict(_NAMES), dict(names))  # noqa: S307 - both are allow-listed


def of_variable(node: Node, variable: str) -> Node:
    """Return *node* with the values of one variable alone."""
    match node:
        case Branch(test, then, other):
            return _branch(test, of_variable(then, variable), of_variable(other, variable))
        case Leaf(values):
            return Leaf({variable: values[variable]})
    return node


def _leaf(step: TracedStep, needed: Sequence[str]) -> Leaf:
    return Leaf({variable: step.result.get(variable, name(variable)) for variable in needed})


def _merged(steps: Sequence[_Step], depth: int) -> Node:
    """Return the tree of *steps*, whose first *depth* decisions are the same."""
    if len({step.key(depth) for step in steps}) > 1:
        return _by_time(steps, lambda step: step.key(depth), depth)
    if not steps[0].key(depth):
        if len({_key(step.leaf) for step in steps}) > 1:
            return _by_time(steps, lambda step: _key(step.leaf), depth)
        return _only(steps)
    sides = {held: [s for s in steps if s.traced.path[depth][1] is held] for held in (True, False)}
    if not (sides[True] and sides[False]):  # never decided otherwise
        return _merged(steps, depth + 1)
    then, other = (_merged(sides[held], depth + 1) for held in (True, False))
    return _branch(steps[0].traced.path[depth][0], then, other)


def _only(steps: Sequence[_Step]) -> Leaf:
    """Return the leaf of *steps*; a rate that stays as it is becomes its value."""
    leaf, rates = steps[0].leaf, {step.traced.rate for step in steps}
    if len(rates) == 1 and _is(leaf.values[RATE], RATE):
        return Leaf({**leaf.values, RATE: constant(rates.pop())})
    return leaf


def _by_time(steps: Sequence[_Step], key: Callable[[_Step], str], depth: int) -> Node:
    """Return a tree that tells the steps apart by t, where no condition does."""
    spans = [list(same) for _, same in groupby(steps, key)]
    if len(spans) > _SPLITS:
        raise Unsupported("what a scheduler does changes without a condition on the step")
    node = _merged(spans[-1], depth)
    for span, after in reversed(list(pairwise(spans))):
        test = ast.Compare(name("t"), [ast.Lt()], [ast.Constant(after[0].traced.t)])
        node = _branch(test, _merged(span, depth), node)
    return node


def _branch(test: ast.expr, then: Node, other: Node) -> Node:
    return then if _key(then) == _key(other) else Branch(test, then, other)


def _key(node: Node) -> str:
    match node:
        case Leaf(values):
            return " ".join(f"{variable}={ast.dump(tree)}" for variable, tree in values.items())
        case Failure(kind, message):
            return f"{kind}: {message}"
        case Branch(test, then, other):
            return f"if {ast.dump(test)} then {_key(then)} else {_key(other)}"


def reads(node: Node, variable: str) -> bool:
    """Return whether an expression in *node* reads *variable*."""
    return any(count(tree, variable) for tree in _trees(node))


def _trees(node: Node) -> Iterator[ast.expr]:
    if isinstance(node, Leaf):
        yield from node.values.values()
    elif isinstance(node, Branch):
        yield node.test
        yield from _trees(node.then)
        yield from _trees(node.other)


def _is(tree: ast.expr, variable: str) -> bool:
    return isinstance(tree, ast.Name) and tree.id == variable
