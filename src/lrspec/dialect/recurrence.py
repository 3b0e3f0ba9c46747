"""What a framework computes at every step of a run, as expressions.

The model of the framework is run on traced numbers. The result is a tree of conditions on the step
t and on the state, whose leaves give the next state: the rate, and whatever else the model reads
from the step before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeAlias, Union

from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call
from lrspec.dialect.traced import Untraceable
from lrspec.dialect.traced_model import RATE, Failure, Model, TracedStep, Variables
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import constant, count, name

_SPLITS = 12  # steps at which a model may change its behavior without a condition
_EVERY = 2000  # steps that are all traced; later ones are, if they are in `near`
_STRIDE = 61


@dataclass(frozen=True)
class Leaf:
    """The next value of each state variable."""

    values: Mapping[str, ast.expr]


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

    The first of the variables in `first` is the rate.
    """

    first: Mapping[str, float]
    node: Node

    @property
    def closed(self) -> bool:
        """Whether the rate depends on the step alone."""
        return not any(reads(self.node, variable) for variable in self.first)


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
    before, ends = [plain.numbers()], steps
    for t in range(1, steps):
        if plain.step(t) is not None:
            ends = t + 1
            break
        before.append(plain.numbers())
    variables = Variables(before, plain.rate)
    model = Model(backend, tree, base_lr, metrics, traced=True)
    wanted = {*range(1, _EVERY), *range(1, ends, _STRIDE), *near, ends - 1}
    traced = []
    try:
        for t in range(1, ends):
            if t in wanted:
                traced.append(model.traced_step(t, variables))
            else:
                model.step(t)
    except (Untraceable, TypeError) as error:  # a traced number where the model needs a plain one
        raise Unsupported(f"a rule of {tree.name} has no expression: {error}") from error
    return _assembled(variables, traced)


@dataclass(frozen=True)
class _Step:
    """A traced step, with the text of each decision, and what it results in."""

    traced: TracedStep
    keys: Sequence[str]
    leaf: Leaf | Failure

    def key(self, depth: int) -> str:
        """Return the text of the decision at *depth*, empty if there is none."""
        return self.keys[depth] if depth < len(self.keys) else ""


def _assembled(variables: Variables, traced: Sequence[TracedStep]) -> Recurrence:
    """Return the tree of the *traced* steps, with the variables that the rate depends on."""
    keys = [[ast.dump(test) for test, _ in step.path] for step in traced]
    needed = [RATE]
    while True:
        steps = (_Step(s, own, _leaf(s, needed)) for s, own in zip(traced, keys, strict=True))
        node = _merged(list(steps), 0) if traced else Leaf({RATE: name(RATE)})
        more = [v for v in variables.names.values() if v not in needed and reads(node, v)]
        if not more:
            break
        needed += more
    return Recurrence({variable: variables.first(variable) for variable in needed}, node)


def _leaf(step: TracedStep, needed: Sequence[str]) -> Leaf | Failure:
    if isinstance(step.result, Failure):
        return step.result
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


def _only(steps: Sequence[_Step]) -> Leaf | Failure:
    """Return the leaf of *steps*; a rate that stays as it is becomes its value."""
    leaf, rates = steps[0].leaf, {step.traced.rate for step in steps}
    if isinstance(leaf, Leaf) and len(rates) == 1 and _is(leaf.values[RATE], RATE):
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
