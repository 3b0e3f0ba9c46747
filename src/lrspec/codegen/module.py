"""The functions that a standalone source begins with, and the docstring that holds its recipe."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lrspec.codegen.comments import WIDTH
from lrspec.codegen.rate_function import momentum_body, rate_body
from lrspec.codegen.statements import Body
from lrspec.spec.formula.nodes import name
from lrspec.spec.recipe import Recipe

#: The line of a docstring after which the recipe stands, to its end.
MARK = "Recipe:"


class Module:
    """The text of a module, built up one definition at a time."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.step = "update" if recipe.updates_per_step == 1 else "epoch"
        self.bases = tuple(dict.fromkeys(recipe.bases))
        self.definitions: list[str] = []

    def factor(self) -> str:
        """Write the rate as a fraction of any base rate; return the function's name."""
        body = rate_body(self.recipe, ast.Constant(1.0))
        summary = f"Return the rate of {self.step} t, as a fraction of the base rate."
        self._body("factor(t: int)", summary, body, recipe=True)
        return "factor"

    def share(self) -> str:
        """Write the rate of each group as a fraction of its base rate; return the argument for it.

        That is the function's name, or a list with a function per group.
        """
        rate = self._rate(self.bases)
        if len(self.bases) == 1:
            (base,) = self.bases
            summary = f"Return the rate of {self.step} t, as a fraction of the base rate {base!r}."
            self._write("factor(t: int)", summary, [f"    return {rate} / {base!r}"], recipe=True)
            return "factor"
        summary = f"Return the rate of {self.step} t, as a fraction of the base rate lr."
        self._write("factor(t: int, lr: float)", summary, [f"    return {rate} / lr"], recipe=True)
        return f"[partial(factor, lr=lr) for lr in {self.recipe.bases}]"

    def rate(self) -> str:
        """Write the rate of the first group; return the function's name."""
        self._rate(self.bases[:1], recipe=True)
        return "rate"

    def highest(self) -> tuple[str, str]:
        """Write the largest of the groups' rates; return its name and a call for one group's."""
        rate = self._rate(self.bases)
        summary = f"Return the largest rate of any parameter group at {self.step} t."
        lines = [f"    return max({rate} for lr in {self.recipe.bases})"]
        if rate == "rate(t)":
            lines = [f"    return {rate}"]
        self._write("highest(t: int)", summary, lines, recipe=True)
        return "highest", rate

    def rates(self) -> None:
        """Write the rate; for several groups, a function that returns a list of their rates."""
        if len(self.recipe.bases) == 1:
            self.rate()
            return
        rate = self._rate(self.bases)
        summary = f"Return the rate of {self.step} t in each parameter group."
        lines = [f"    return [{rate} for lr in {self.recipe.bases}]"]
        self._write("rates(t: int)", summary, lines, recipe=True, returns="list[float]")

    def momentum(self) -> None:
        """Write the momentum."""
        body = momentum_body(self.recipe)
        self._body("momentum(t: int)", f"Return the momentum of {self.step} t.", body)

    def define(self, text: str) -> None:
        """Add a definition."""
        self.definitions.append(text.strip("\n"))

    def text(self, heads: Sequence[str] = ()) -> str:
        """Return the whole source; *heads* are the imports from the framework."""
        body = "\n\n\n".join(self.definitions)
        standard = [
            line
            for line, use in (
                ("import math", "math."),
                ("from bisect import bisect_right", "bisect_right("),
                ("from functools import partial", "partial("),
            )
            if use in body
        ]
        imports = "\n\n".join("\n".join(lines) for lines in (standard, heads) if lines)
        gap = "\n\n\n" if body.startswith(("def ", "class ")) else "\n\n"
        return f"{imports}{gap}{body}\n" if imports else f"{body}\n"

    def _rate(self, bases: Sequence[float], *, recipe: bool = False) -> str:
        """Write the rate for one of *bases*; return a call of it for the base rate `lr`.

        Where the rate does not depend on the base rate, the function takes the step alone.
        """
        single = len(bases) == 1
        body = rate_body(self.recipe, ast.Constant(bases[0]) if single else name("lr"))
        if single or not any(re.search(r"\blr\b", line) for line in body.lines):
            self._body("rate(t: int)", f"Return the rate of {self.step} t.", body, recipe=recipe)
            return "rate(t)"
        summary = f"Return the rate of {self.step} t for the base rate lr."
        self._body("rate(t: int, lr: float)", summary, body, recipe=recipe)
        return "rate(t, lr)"

    def _body(self, head: str, summary: str, body: Body, *, recipe: bool = False) -> None:
        for lines in body.definitions.values():
            text = "\n".join(lines)
            if text not in self.definitions:
                self.define(text)
        self._write(head, summary, body.lines, recipe=recipe)

    def _write(
        self,
        head: str,
        summary: str,
        lines: Sequence[str],
        *,
        recipe: bool = False,
        returns: str = "float",
    ) -> None:
        text = docstring(summary, self.recipe) if recipe else [f'    """{summary}"""']
        self.define("\n".join([f"def {head} -> {returns}:", *text, *lines]))


def docstring(summary: str, recipe: Recipe) -> list[str]:
    """Return the lines of a docstring that holds *recipe*; nothing in the recipe can end it."""
    document = _wrapped(json.JSONEncoder().iterencode(replace(recipe, about=None).to_dict()))
    opening = 'r"""' if any("\\" in line for line in document) else '"""'
    long = max(map(len, document)) + 4 > WIDTH
    lines = [*textwrap.wrap(f"{opening}{summary}", WIDTH - 4), "", MARK, *document]
    closing = '"""  # noqa: E501' if long else '"""'
    return [f"    {line}" if line else "" for line in (*lines, closing)]


def _wrapped(chunks: Iterable[str]) -> list[str]:
    """Return JSON in lines that fit, broken only after its commas."""
    items = [""]
    for chunk in chunks:
        if chunk.startswith(", "):  # a comma between two items, alone or with the second one
            items[-1] += ", "
            items.append(chunk[2:])
        else:
            items[-1] += chunk
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item.rstrip()) > WIDTH - 4:
            lines.append("")
        lines[-1] += item
    return [line.rstrip() for line in lines]
