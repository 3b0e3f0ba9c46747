"""A recipe as a plain Python function, without a framework; and the rates of such a source."""

from __future__ import annotations

import ast
import inspect
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from lrspec.codegen.framework_rates import is_closed, loop_body, state
from lrspec.codegen.module import Module, docstring, module_text
from lrspec.codegen.state_machine import states_of
from lrspec.codegen.statements import Body
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import constant
from lrspec.spec.recipe import Recipe

#: The name of this target on the command line.
NUMPY = "numpy"
#: The built-in functions that a source may call.
_RAISED = (ArithmeticError, IndexError, OverflowError, ValueError, ZeroDivisionError)
_BUILTINS = {
    f.__name__: f for f in (abs, enumerate, float, int, len, list, max, min, tuple, *_RAISED)
}
_IMPORTED = {"bisect_right": bisect_right, "count": count}


def plain(recipe: Recipe) -> str:
    """Return a module with a function `rate(t)`, or `rates(t)`, a list, for several groups.

    A schedule that reads a metric is a generator, `rates(metrics)`.
    """
    module = Module(recipe)
    if recipe.schedule.machine is not None:
        module.define(_generator(recipe))
    elif not is_closed(recipe):
        module.define(_generator_of_steps(recipe, module))
    else:
        module.rates()
        if recipe.moves_momentum():
            module.momentum()
    return module_text(module.definitions)


def _generator(recipe: Recipe) -> str:
    states = states_of(recipe)
    single = len(recipe.bases) == 1
    body = Body()
    body.line(f"rate = {recipe.bases[0]!r}" if single else f"rates = {list(recipe.bases)}", 4)
    body.assign(states.first, 4)
    body.line("for metric in metrics:", 4)
    body.line("yield rate" if single else "yield tuple(rates)", 8)
    body.assign(states.learn, 8)
    if single:
        body.block(states.after, "rate = ", 8)
    else:
        body.line("for index, rate in enumerate(rates):", 8)
        body.block(states.after, "rates[index] = ", 12)
    name = "rates" if single else "rates_of_groups"
    summary = "Yield the rate of each update, given the metric measured after each."
    return "\n".join([f"def {name}(metrics):", *docstring(summary, recipe), *body.lines])


def _generator_of_steps(recipe: Recipe, module: Module) -> str:
    if len(recipe.bases) > 1 or recipe.moves_momentum():
        raise Unsupported("it computes more than one rate from the rate before")
    one, others = state(recipe, "")
    body, first = loop_body(recipe), Body()
    first.assign([(variable, constant(one.first[variable])) for variable in ("rate", *others)], 4)
    for lines in body.definitions.values():
        module.define("\n".join(lines))
    summary = "Yield the rate of each step."
    head = ["def rates():", *docstring(summary, recipe), *first.lines]
    return "\n".join([*head, "    for t in count(1):", "        yield rate", *body.lines])


def functions_of(source: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of a source that `plain` or `standalone` wrote, by name.

    `build_scheduler` and the classes need their framework and are left out. The code can reach
    `math` and a few functions of numbers, and nothing else.
    """
    tree = ast.parse(source)
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        or (isinstance(node, ast.FunctionDef) and node.name != "build_scheduler")
    ]
    names: dict[str, Any] = {"__builtins__": _BUILTINS, "math": math, **_IMPORTED}
    exec(compile(tree, "<standalone>", "exec"), names)  # noqa: S102 - from allow-listed formulas
    return {node.name: names[node.name] for node in tree.body if isinstance(node, ast.FunctionDef)}


def rates_of(source: str, recipe: Recipe) -> Callable[[int], Sequence[float]]:
    """Return a function from a step to the rates of *source*, one per group of *recipe*."""
    functions = functions_of(source)
    scales = "factor" in functions
    called = functions["factor" if scales else "rate"]
    takes_lr = len(inspect.signature(called).parameters) > 1

    def rates(t: int) -> list[float]:
        values = [called(t, lr) if takes_lr else called(t) for lr in recipe.bases]
        return [f * lr for f, lr in zip(values, recipe.bases, strict=True)] if scales else values

    return rates


def rates_after(source: str, metrics: Sequence[float]) -> Iterator[Sequence[float]]:
    """Yield the rates that a source's generator gives for *metrics*: one per group, per update."""
    functions = functions_of(source)
    if "rates" in functions:
        yield from ((rate,) for rate in functions["rates"](metrics))
    else:
        yield from functions["rates_of_groups"](metrics)
