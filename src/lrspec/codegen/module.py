"""The functions of a standalone source, and the docstring with its recipe."""

from __future__ import annotations

import ast
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lrspec.codegen.comments import WIDTH
from lrspec.codegen.framework_rates import closed_body
from lrspec.codegen.line_breaks import folded, json_lines
from lrspec.codegen.rate_function import momentum_body, rate_body
from lrspec.codegen.statements import Body
from lrspec.dialect.traced_model import MOMENTUM
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import name
from lrspec.spec.recipe import Recipe
from lrspec.version import VERSION

#: The line of a docstring after which the recipe stands, to its end.
MARK = "Recipe:"
_LONG_TUPLE = 24
#: What is imported from the modules of the standard library, and the text that needs it.
_IMPORTS = {
    "bisect": {"bisect_right": "bisect_right("},
    "functools": {"lru_cache": "@lru_cache", "partial": "partial("},
    "itertools": {"count": "count(1)"},
}


class Module:
    """The text of a module for *target*, a framework's version, one definition at a time."""

    def __init__(self, recipe: Recipe, target: str = "") -> None:
        self.recipe, self.target = recipe, target
        self.step = "update" if recipe.updates_per_step == 1 else "epoch"
        self.bases = tuple(dict.fromkeys(recipe.bases))
        self.definitions: list[str] = []

    def factor(self) -> str:
        """Write the rate as a fraction of any base rate; return the function's name."""
        body = _rate_body(self.recipe, ast.Constant(1.0))
        summary = f"Return the rate of {self.step} t, as a fraction of the base rate."
        self._function("factor(t: int)", summary, body, recipe=True)
        return "factor"

    def share(self) -> str:
        """Write the rate of each group as a fraction of its base rate; return the argument for it.

        That is the function's name, or a list with a function per group.
        """
        if self.recipe.group_counts:
            return self._shares()
        single = len(self.bases) == 1
        if self.bases == (1.0,):
            return self.rate()
        base = repr(self.bases[0]) if single else "lr"
        body = Body([f"    return {self._rate(self.bases)} / {base}"])
        summary = f"Return the rate of {self.step} t, as a fraction of the base rate {base}."
        head = "factor(t: int)" if single else "factor(t: int, lr: float)"
        self._function(head, summary, body, recipe=True)
        return "factor" if single else f"[partial(factor, lr=lr) for lr in {self.base_rates()}]"

    def _shares(self) -> str:
        """Write the rate of each group as a fraction of its base rate; return their list."""
        names = []
        for index, (call, base) in enumerate(
            zip(self._own_rates(), self.recipe.bases, strict=True)
        ):
            names.append(f"factor_{index}")
            summary = f"Return the rate of {self.step} t in group {index}, a fraction of {base!r}."
            body = Body([f"    return {call} / {base!r}"])
            self._function(f"{names[-1]}(t: int)", summary, body, recipe=index == 0)
        return f"[{', '.join(names)}]"

    def _own_rates(self) -> list[str]:
        """Write the rate of each group, whose parameters differ; return a call for each."""
        for index, (group, base) in enumerate(
            zip(self.recipe.groups(), self.recipe.bases, strict=True)
        ):
            summary = f"Return the rate of {self.step} t in parameter group {index}."
            body = _rate_body(group, ast.Constant(base))
            self._function(f"rate_{index}(t: int)", summary, body)
        return [f"rate_{index}(t)" for index in range(len(self.recipe.bases))]

    def rate(self) -> str:
        """Write the rate of the first group; return the function's name."""
        self._rate(self.bases[:1], recipe=True)
        return "rate"

    def highest(self) -> tuple[str, str]:
        """Write the largest of the groups' rates; return its name and a call for one group's."""
        if self.recipe.group_counts:
            calls = self._own_rates()
            rate = f"({', '.join(call.removesuffix('(t)') for call in calls)})[index](t)"
            largest = f"max({', '.join(calls)})"
        else:
            rate = self._rate(self.bases)
            largest = rate if rate == "rate(t)" else f"max({rate} for lr in {self.base_rates()})"
        summary = f"Return the largest rate of any parameter group at {self.step} t."
        self._function("highest(t: int)", summary, Body([f"    return {largest}"]), recipe=True)
        return "highest", rate

    def rates(self) -> None:
        """Write the rate; for several groups, a function that returns a list of their rates."""
        if len(self.recipe.bases) == 1:
            self.rate()
            return
        if self.recipe.group_counts:
            rates = ", ".join(self._own_rates())
        else:
            rates = f"{self._rate(self.bases)} for lr in {self.base_rates()}"
        body = Body([f"    return [{rates}]"])
        summary = f"Return the rate of {self.step} t in each parameter group."
        self._function("rates(t: int)", summary, body, recipe=True, returns="list[float]")

    def base_rates(self) -> str:
        """Return the base rates of all groups, or the name of a constant that holds them."""
        text = repr(self.recipe.bases)
        if len(text) <= _LONG_TUPLE:
            return text
        if len(text) + len("BASE_RATES = ") > WIDTH:
            text = "\n".join(["(", *(f"    {base!r}," for base in self.recipe.bases), ")"])
        self.define(f"BASE_RATES = {text}")
        return "BASE_RATES"

    def momentum(self) -> None:
        """Write the momentum."""
        pairs = zip(self.recipe.groups(), self.recipe.bases, strict=True)
        bodies = [_momentum_body(group, base) for group, base in pairs]
        if len({tuple(body.lines) for body in bodies}) > 1:
            raise Unsupported("the momentum would have to differ between the parameter groups")
        summary = f"Return the momentum of {self.step} t."
        self._function("momentum(t: int)", summary, bodies[0])

    def define(self, text: str) -> None:
        """Add a definition, unless the module has it already."""
        definition = text.strip("\n")
        if definition in self.definitions:
            return
        if _bound(definition) in map(_bound, self.definitions):
            raise Unsupported("two parameter groups need different definitions of one name")
        self.definitions.append(definition)

    def _rate(self, bases: Sequence[float], *, recipe: bool = False) -> str:
        """Write the rate for one of *bases*; return a call of it for the base rate `lr`.

        Where the rate does not depend on the base rate, the function takes the step alone.
        """
        single = len(bases) == 1
        body = _rate_body(self.recipe, ast.Constant(bases[0]) if single else name("lr"))
        if single or not body.reads("lr"):
            summary = f"Return the rate of {self.step} t."
            self._function("rate(t: int)", summary, body, recipe=recipe)
            return "rate(t)"
        summary = f"Return the rate of {self.step} t for the base rate lr."
        self._function("rate(t: int, lr: float)", summary, body, recipe=recipe)
        return "rate(t, lr)"

    def _function(
        self,
        head: str,
        summary: str,
        body: Body,
        *,
        recipe: bool = False,
        returns: str = "float",
    ) -> None:
        """Write a function after the definitions of its *body*, with the *recipe* or without."""
        for lines in body.definitions.values():
            self.define("\n".join(lines))
        text = [f'    """{summary}"""']
        if recipe:
            text = docstring(summary, self.recipe, self.target)
        self.define("\n".join([f"def {head} -> {returns}:", *text, *body.lines]))


def _rate_body(recipe: Recipe, base: ast.expr) -> Body:
    """Return the body of a function of t: the rate that *recipe* means."""
    return rate_body(recipe, base) if recipe.dialect is None else closed_body(recipe, base)


def _momentum_body(recipe: Recipe, base: float) -> Body:
    """Return the body of a function of t: the momentum that *recipe* means for the rate *base*."""
    if recipe.dialect is None:
        return momentum_body(recipe)
    return closed_body(recipe, ast.Constant(base), MOMENTUM)


def _bound(definition: str) -> str:
    """Return what *definition* binds: `NAME =`, `def name` or `class Name`."""
    found = re.match(r"(def |class )?\w+", definition)
    return found[0] if found else definition


def module_text(
    definitions: Sequence[str], framework_import: str = "", imports: Sequence[str] = ()
) -> str:
    """Return a module: what the definitions need of the standard library, *imports*, the rest."""
    long = "\n\n\n".join(definitions).splitlines()
    body = "\n".join(line for one in long for line in folded(one))
    lines = {*imports, *(["import math"] if "math." in body else [])}
    for module, names in _IMPORTS.items():
        used = [name for name, use in names.items() if use in body]
        lines |= {f"from {module} import {', '.join(used)}"} if used else set()
    standard = "\n".join(sorted(lines, key=lambda line: (line.startswith("from "), line)))
    head = "\n\n".join(filter(None, (standard, framework_import)))
    gap = "\n\n\n" if body.startswith(("def ", "class ", "@")) else "\n\n"
    return f"{head}{gap}{body}\n" if head else f"{body}\n"


def docstring(summary: str, recipe: Recipe, target: str = "") -> list[str]:
    """Return the lines of a docstring with the versions and *recipe*, without its metrics.

    Nothing in the recipe can end it. *target* is the framework and its version.
    """
    machine = recipe.schedule.machine
    about = None if recipe.start is None else {"state": _without_nan(recipe.start)}
    document = replace(recipe, about=about).to_dict()
    if machine is not None:
        document.pop(machine.input, None)
    lines = json_lines(document)
    opening = 'r"""' if any("\\" in line for line in lines) else '"""'
    written = f"Written by lrspec {VERSION}{target and f' for {target}'}."
    head = textwrap.wrap(f"{opening}{summary}", WIDTH - 4)
    return [f"    {line}".rstrip() for line in (*head, "", written, MARK, *lines, '"""')]


def _without_nan(state: Mapping[str, float]) -> dict[str, float | None]:
    """Return *state* with None for NaN, which JSON does not have."""
    return {name: None if math.isnan(number) else number for name, number in state.items()}
