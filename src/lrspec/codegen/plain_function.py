"""A recipe as a plain Python function, without a framework; and what a source's functions say."""

from __future__ import annotations

import ast
import inspect
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lrspec.codegen.standalone import Module, docstring
from lrspec.codegen.state_machine import states_of
from lrspec.codegen.statements import Body
from lrspec.spec.recipe import Recipe

#: The name that the command line takes for it.
PLAIN = "numpy"
#: All that a written function may call.
_NAMES = {"abs": abs, "enumerate": enumerate, "float": float, "int": int, "len": len, "max": max}
_NAMES |= {"min": min, "tuple": tuple}


def plain(recipe: Recipe) -> str:
    """Return a module with a function `rate(t)`, or `rates(t)`, a list, for several groups.

    What follows metrics is a generator, `rates(metrics)`.
    """
    module = Module(recipe)
    if recipe.schedule.machine is not None:
        module.define(_generator(recipe))
    else:
        module.rates()
        if recipe.moves_momentum():
            module.momentum()
    return module.text()


def _generator(recipe: Recipe) -> str:
    states = states_of(recipe)
    single = len(recipe.bases) == 1
    body = Body()
    body.line(f"rate = {recipe.bases[0]!r}" if single else f"rates = {list(recipe.bases)}", 4)
    states.write_first(body, str, 4)
    body.line("for metric in metrics:", 4)
    body.line("yield rate" if single else "yield tuple(rates)", 8)
    states.write_learn(body, str, 8)
    if single:
        states.write_after(body, states.due, "rate = ", 8)
    else:
        body.line("for index, rate in enumerate(rates):", 8)
        states.write_after(body, states.due, "rates[index] = ", 12)
    name = "rates" if single else "rates_of_groups"
    said = "Yield the rate of each update, given the metric that each ends with."
    return "\n".join([f"def {name}(metrics):", *docstring(said, recipe), *body.lines])


def functions_of(source: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of a source that `plain` or `exact` wrote, but for `build_scheduler`.

    Classes, which need their framework, are left out; what is run can reach `math` and a few
    functions of numbers, and nothing else.
    """
    tree = ast.parse(source)
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        or (isinstance(node, ast.FunctionDef) and node.name != "build_scheduler")
    ]
    space: dict[str, Any] = {"__builtins__": _NAMES, "math": math, "bisect_right": bisect_right}
    space |= {"list": list, "tuple": tuple}
    exec(compile(tree, "<exact>", "exec"), space)  # noqa: S102 - from allowed formulas alone
    written = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return {name: space[name] for name in written}


def rates_of(source: str, recipe: Recipe) -> Callable[[int], Sequence[float]]:
    """Return what the functions of *source* make of a step: a rate a group of *recipe*."""
    functions = functions_of(source)
    called = functions.get("factor") or functions["rate"]
    takes_lr = len(inspect.signature(called).parameters) > 1
    scales = "factor" in functions

    def rates(t: int) -> list[float]:
        found = [called(t, lr) if takes_lr else called(t) for lr in recipe.bases]
        return [f * lr for f, lr in zip(found, recipe.bases, strict=True)] if scales else found

    return rates


def walk_of(source: str, metrics: Sequence[float]) -> Iterator[Sequence[float]]:
    """Yield what a source's generator makes of *metrics*: a rate a group for each update."""
    functions = functions_of(source)
    if "rates" in functions:
        yield from ((rate,) for rate in functions["rates"](metrics))
    else:
        yield from functions["rates_of_groups"](metrics)
