"""The functions of a standalone source, and the docstring with its recipe."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lrspec.codegen.comments import WIDTH
from lrspec.codegen.framework_rates import closed_body
from lrspec.codegen.rate_function import momentum_body, rate_body
from lrspec.codegen.statements import Body
from lrspec.dialect.traced_model import MOMENTUM
from lrspec.spec.formula.nodes import name
from lrspec.spec.recipe import Recipe

#: The line of a docstring after which the recipe stands, to its end.
MARK = "Recipe:"
#: Each import from the standard library, and the text that needs it.
_IMPORTS = {
    "import math": "math.",
    "from itertools import count": "count(1)",
    "from bisect import bisect_right": "bisect_right(",
    "from functools import partial": "partial(",
}


class Module:
    """The text of a module, built up one definition at a time."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
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
        single = len(self.bases) == 1
        if self.bases == (1.0,):
            return self.rate()
        base = repr(self.bases[0]) if single else "lr"
        body = Body([f"    return {self._rate(self.bases)} / {base}"])
        summary = f"Return the rate of {self.step} t, as a fraction of the base rate {base}."
        head = "factor(t: int)" if single else "factor(t: int, lr: float)"
        self._function(head, summary, body, recipe=True)
        return "factor" if single else f"[partial(factor, lr=lr) for lr in {self.recipe.bases}]"

    def rate(self) -> str:
        """Write the rate of the first group; return the function's name."""
        self._rate(self.bases[:1], recipe=True)
        return "rate"

    def highest(self) -> tuple[str, str]:
        """Write the largest of the groups' rates; return its name and a call for one group's."""
        rate = self._rate(self.bases)
        largest = rate if rate == "rate(t)" else f"max({rate} for lr in {self.recipe.bases})"
        summary = f"Return the largest rate of any parameter group at {self.step} t."
        self._function("highest(t: int)", summary, Body([f"    return {largest}"]), recipe=True)
        return "highest", rate

    def rates(self) -> None:
        """Write the rate; for several groups, a function that returns a list of their rates."""
        if len(self.recipe.bases) == 1:
            self.rate()
            return
        body = Body([f"    return [{self._rate(self.bases)} for lr in {self.recipe.bases}]"])
        summary = f"Return the rate of {self.step} t in each parameter group."
        self._function("rates(t: int)", summary, body, recipe=True, returns="list[float]")

    def momentum(self) -> None:
        """Write the momentum."""
        summary = f"Return the momentum of {self.step} t."
        if self.recipe.dialect is None:
            body = momentum_body(self.recipe)
        else:
            body = closed_body(self.recipe, ast.Constant(self.bases[0]), MOMENTUM)
        self._function("momentum(t: int)", summary, body)

    def define(self, text: str) -> None:
        """Add a definition, unless the module has it already."""
        if text.strip("\n") not in self.definitions:
            self.definitions.append(text.strip("\n"))

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
        text = docstring(summary, self.recipe) if recipe else [f'    """{summary}"""']
        self.define("\n".join([f"def {head} -> {returns}:", *text, *body.lines]))


def _rate_body(recipe: Recipe, base: ast.expr) -> Body:
    """Return the body of a function of t: the rate that *recipe* means."""
    return rate_body(recipe, base) if recipe.dialect is None else closed_body(recipe, base)


def module_text(
    definitions: Sequence[str], framework_import: str = "", imports: Sequence[str] = ()
) -> str:
    """Return a module: what the definitions need of the standard library, *imports*, the rest."""
    body = "\n\n\n".join(definitions)
    lines = {*imports, *(line for line, use in _IMPORTS.items() if use in body)}
    standard = "\n".join(sorted(lines, key=lambda line: (line.startswith("from "), line)))
    head = "\n\n".join(filter(None, (standard, framework_import)))
    gap = "\n\n\n" if body.startswith(("def ", "class ")) else "\n\n"
    return f"{head}{gap}{body}\n" if head else f"{body}\n"


def docstring(summary: str, recipe: Recipe) -> list[str]:
    """Return the lines of a docstring with *recipe*; nothing in the recipe can end it."""
    document = _wrapped(json.JSONEncoder().iterencode(replace(recipe, about=None).to_dict()))
    opening = 'r"""' if any("\\" in line for line in document) else '"""'
    long = max(map(len, document)) + 4 > WIDTH
    lines = [*textwrap.wrap(f"{opening}{summary}", WIDTH - 4), "", MARK, *document]
    closing = '"""  # noqa: E501' if long else '"""'
    return [f"    {line}" if line else "" for line in (*lines, closing)]


def _wrapped(chunks: Iterable[str]) -> list[str]:
    """Return JSON in lines that fit, broken only after its commas."""
    broken = (f",\n{chunk[2:]}" if chunk.startswith(", ") else chunk for chunk in chunks)
    lines: list[str] = []
    for item in "".join(broken).split("\n"):
        if lines and len(lines[-1]) + 1 + len(item) <= WIDTH - 4:
            lines[-1] += f" {item}"
        else:
            lines.append(item)
    return lines
