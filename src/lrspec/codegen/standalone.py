"""A recipe's closed form written out, and handed to a framework that follows a function.

Where no class of a framework gives the right rates, `LambdaLR` and its like follow this function;
where the rate depends on a metric, or the momentum moves too, a small class does. The framework's
own text around it lies in `backends/<name>/exact/`.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from string import Template

from lrspec.bindings.backend import Backend
from lrspec.codegen.comments import WIDTH, comment, usage
from lrspec.codegen.rate_function import momentum_body, rate_body
from lrspec.codegen.state_machine import after_body, first_body, learn_body, states_of
from lrspec.codegen.statements import Body
from lrspec.errors import Unsupported
from lrspec.spec.formula.folding import name
from lrspec.spec.recipe import Recipe

#: What `emit` calls this way of writing.
STANDALONE = "standalone"
#: The line of a docstring after which the recipe stands, to its end.
MARK = "Recipe:"


@dataclass(frozen=True)
class Standalone:
    """A source text, the framework's class that it uses, and what its scenarios cannot be."""

    text: str
    name: str
    scenarios: dict[str, str]


def standalone(
    recipe: Recipe, backend: Backend, because: str = "", index: str | None = None
) -> Standalone:
    """Return *recipe* written out for *backend*; *because* is the comment's second line.

    With *index* `build_scheduler` takes the index that a run goes on from. Raises `Unsupported`
    where a mode compiles its schedules and cannot follow a function.
    """
    cannot = backend.mode.unsupported_standalone
    if "all" in cannot:
        raise Unsupported(cannot["all"])
    led = _leads(recipe, backend)
    if led and "led" in cannot:
        raise Unsupported(cannot["led"])
    used = usage(recipe, backend)
    if led:
        used = usage(recipe.with_base(recipe.bases[0]), backend)
        used = used.replace("; call", ", then call scheduler.follow(optimizer); call", 1)
    lines = [*comment(used), *comment(because)]
    if recipe.schedule.machine is not None:
        return _machine(recipe, backend, lines, led=bool(led))
    return _function(recipe, backend, lines, led, index)


def _leads(recipe: Recipe, backend: Backend) -> list[str]:
    """Return what the scheduler has to set in the optimizer itself, beyond its one rate."""
    if backend.groups != "factors":
        return []
    apart = len(set(recipe.bases)) > 1 and not recipe.scales_with_base()
    return ["groups"] * apart + ["momentum"] * recipe.moves_momentum()


def _function(
    recipe: Recipe, backend: Backend, said: list[str], led: list[str], index: str | None
) -> Standalone:
    """Return a source whose scheduler follows a function of t."""
    module, rate = Module(recipe), ""
    factors = backend.groups == "factors"
    if recipe.scales_with_base():
        function, lr = module.factor(), recipe.bases[0]
    elif "groups" in led:
        (function, rate), lr = module.highest(), 1.0
    elif factors:
        function, lr = module.rate(), 1.0
    else:
        function, lr = module.share(), 1.0
    template = _template(backend, "lambda")
    head, _, build = template.partition("\n\n\n")
    called = head.split()[-1]
    used = called
    if recipe.moves_momentum():
        module.momentum()
    if led:
        used = "Leading"
        leads = [_template(backend, f"lead_{what}") for what in led]
        lead = Template("".join(leads)).substitute(
            rate=rate.replace("(t", "(self.last_epoch"),
            each=(
                f"index, lr in enumerate({recipe.bases})"
                if "lr" in rate
                else f"index in range({len(recipe.bases)})"
            ),
        )
        attribute = "\n    cycle_momentum = True" if "momentum" in led else ""
        what = " and ".join({"groups": "the rate of each group"}.get(w, f"the {w}") for w in led)
        module.define(
            Template(_template(backend, "led")).substitute(
                what=what, lead=lead.rstrip(), attribute=attribute
            )
        )
    elif recipe.moves_momentum():
        used = "RateAndMomentum"
        module.define(_template(backend, "momentum"))
    taken = f"{index}=-1" if index else ""
    module.define(
        Template(build).substitute(
            {"class": used},
            index=f", {taken}" if taken and backend.argument else taken,
            comment="\n".join(said),
            function=function,
            given=f", {index}={index}" if index else "",
            lr=lr,
        )
    )
    return Standalone(module.text([head]), called, dict(backend.mode.unsupported_scenarios))


def _machine(recipe: Recipe, backend: Backend, said: list[str], *, led: bool) -> Standalone:
    """Return a source whose scheduler learns from a metric."""
    states = states_of(recipe)
    template = _template(backend, "machine_groups" if led else "machine")
    head, _, rest = template.partition("\n\n\n")
    module = Module(recipe)
    called = recipe.kind.title().replace("_", "")
    text = Template(rest).substitute(
        name=called,
        docstring="\n".join(docstring(recipe.schedule.document["summary"], recipe)),
        state="\n".join(first_body(states)),
        keys=", ".join(f'"{state}"' for state in states.first),
        due=states.due,
        learn="\n".join(learn_body(states)),
        after="\n".join(after_body(states)),
        comment="\n".join(said),
        lr=repr(recipe.bases[0]),
        bases=recipe.bases,
    )
    module.define(text)
    scenarios = {
        **backend.mode.unsupported_scenarios,
        "jump": "step() takes a metric: no index beside it changes the rate",
        "resume_index": f"{called} takes no index",
    }
    return Standalone(module.text([head]), "LRScheduler", scenarios)


def _template(backend: Backend, wanted: str) -> str:
    path = backend.folder / "standalone" / f"{wanted}.txt"
    if not path.exists():
        raise Unsupported(f"backends/{backend.framework}/standalone has no {path.name}")
    return path.read_text(encoding="utf-8")


class Module:
    """The functions that a source begins with, as they are written."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.step = "update" if recipe.updates_per_step == 1 else "epoch"
        self.bases = tuple(dict.fromkeys(recipe.bases))
        self.definitions: list[str] = []

    def factor(self) -> str:
        """Write the rate as a fraction of any base rate; return the function's name."""
        body = rate_body(self.recipe, ast.Constant(1.0))
        said = f"Return the rate of {self.step} t, as a fraction of the base rate."
        self._body("factor(t: int)", said, body, recipe=True)
        return "factor"

    def share(self) -> str:
        """Write the rate of each group and its fraction of the base rate; return the latter."""
        rate = self._rate(self.bases)
        if len(self.bases) == 1:
            (base,) = self.bases
            said = f"Return the rate of {self.step} t, as a fraction of the base rate {base!r}."
            self._write("factor(t: int)", said, [f"    return {rate} / {base!r}"], recipe=True)
            return "factor"
        said = f"Return the rate of {self.step} t, as a fraction of the base rate lr."
        self._write("factor(t: int, lr: float)", said, [f"    return {rate} / lr"], recipe=True)
        return f"[partial(factor, lr=lr) for lr in {self.recipe.bases}]"

    def rate(self) -> str:
        """Write the rate of the first group; return the function's name."""
        self._rate(self.bases[:1], recipe=True)
        return "rate"

    def highest(self) -> tuple[str, str]:
        """Write the rate of the largest group; return its name, and a call for one group's."""
        rate = self._rate(self.bases)
        said = f"Return the rate of {self.step} t in the group that has the largest."
        lines = [f"    return max({rate} for lr in {self.recipe.bases})"]
        if rate == "rate(t)":
            lines = [f"    return {rate}"]
        self._write("highest(t: int)", said, lines, recipe=True)
        return "highest", rate

    def rates(self) -> None:
        """Write the rate, and where there are several groups a list of all of them."""
        if len(self.recipe.bases) == 1:
            self.rate()
            return
        rate = self._rate(self.bases)
        said = f"Return the rate of {self.step} t in each parameter group."
        lines = [f"    return [{rate} for lr in {self.recipe.bases}]"]
        self._write("rates(t: int)", said, lines, recipe=True, returns="list[float]")

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
            for line, read in (
                ("import math", "math."),
                ("from bisect import bisect_right", "bisect_right("),
                ("from functools import partial", "partial("),
            )
            if read in body
        ]
        imports = "\n\n".join("\n".join(found) for found in (standard, heads) if found)
        apart = "\n\n\n" if body.startswith(("def ", "class ")) else "\n\n"
        return f"{imports}{apart}{body}\n" if imports else f"{body}\n"

    def _rate(self, bases: Sequence[float], *, recipe: bool = False) -> str:
        """Write the rate for one of *bases*; return a call of it for the base rate `lr`."""
        single = len(bases) == 1
        body = rate_body(self.recipe, ast.Constant(bases[0]) if single else name("lr"))
        if single or not any(re.search(r"\blr\b", line) for line in body.lines):
            self._body("rate(t: int)", f"Return the rate of {self.step} t.", body, recipe=recipe)
            return "rate(t)"
        said = f"Return the rate of {self.step} t for the base rate lr."
        self._body("rate(t: int, lr: float)", said, body, recipe=recipe)
        return "rate(t, lr)"

    def _body(self, head: str, said: str, body: Body, *, recipe: bool = False) -> None:
        for lines in body.definitions.values():
            text = "\n".join(lines)
            if text not in self.definitions:
                self.define(text)
        self._write(head, said, body.lines, recipe=recipe)

    def _write(
        self,
        head: str,
        said: str,
        lines: Sequence[str],
        *,
        recipe: bool = False,
        returns: str = "float",
    ) -> None:
        words = docstring(said, self.recipe) if recipe else [f'    """{said}"""']
        self.define("\n".join([f"def {head} -> {returns}:", *words, *lines]))


def docstring(said: str, recipe: Recipe) -> list[str]:
    """Return the lines of a docstring that holds *recipe*; nothing in it can end the string."""
    found = _wrapped(json.JSONEncoder().iterencode(replace(recipe, about=None).to_dict()))
    opening = 'r"""' if any("\\" in line for line in found) else '"""'
    long = max(map(len, found)) + 4 > WIDTH
    lines = [*textwrap.wrap(f"{opening}{said}", WIDTH - 4), "", MARK, *found]
    closing = '"""  # noqa: E501' if long else '"""'
    return [f"    {line}" if line else "" for line in (*lines, closing)]


def _wrapped(chunks: Iterable[str]) -> list[str]:
    """Return JSON in lines that fit, broken after its commas alone."""
    items = [""]
    for chunk in chunks:
        if chunk.startswith(", "):  # the comma between two items, alone or with the second
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
