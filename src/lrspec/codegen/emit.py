"""From a recipe to a framework's source: the text that is run, shown and handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lrspec.bindings.backend import Backend
from lrspec.bindings.document import EXPLICIT
from lrspec.bindings.tree import Call, Variable, classes
from lrspec.bindings.writing import bindings, write
from lrspec.codegen.comments import comment, usage
from lrspec.codegen.framework_rates import is_closed
from lrspec.codegen.module import module_text
from lrspec.codegen.rendering import CALL_WIDTH, render
from lrspec.codegen.standalone import STANDALONE, standalone
from lrspec.errors import Unsupported
from lrspec.spec.formula.nodes import constant
from lrspec.spec.formula.unparse import unparse
from lrspec.spec.recipe import Recipe

#: What a standalone scheduler that reads a metric cannot follow, and why.
_UNSUPPORTED_WITH_METRICS = {
    "jump": "step() takes a metric: no index beside it changes the rate",
    "resume_index": "a scheduler that reads a metric takes no index",
}

#: What a standalone scheduler that follows its own last rate cannot follow, and why.
_UNSUPPORTED_AFTER_A_RATE = {
    "jump": "its rate depends on the one before: an index alone does not give it",
    "resume_index": "its rate depends on the one before: an index alone does not give it",
}


@dataclass(frozen=True)
class Emitted:
    """A module of source text with one function, `build_scheduler`.

    `tree` is the call that it returns, None for standalone source; `classes` are those that it
    calls; `unsupported_scenarios` maps each scenario that they cannot
    follow to the reason; `framework_defaults` are the parameters that the argument form leaves to
    the framework's own defaults, where these are not the specification's.
    """

    text: str
    tree: Call | None
    classes: tuple[str, ...]
    unsupported_scenarios: Mapping[str, str]
    framework_defaults: Mapping[str, Any]


def argument_forms(recipe: Recipe, backend: Backend) -> tuple[str, ...]:
    """Return the argument forms that *backend* has for *recipe*, `explicit` first."""
    every = {binding.argument_form for binding in backend.bindings_of(recipe.kind).bindings}
    others = sorted(every - {EXPLICIT})
    return (EXPLICIT, *(form for form in others if any(bindings(recipe, backend, form))))


def emit(
    recipe: Recipe,
    backend: Backend,
    argument_form: str = EXPLICIT,
    *,
    resumable: bool = False,
    reason: str = "",
) -> Emitted:
    """Return the source of *recipe* for *backend*.

    A *resumable* `build_scheduler` takes the index that the constructor continues from; *reason*
    is given in its comment, a line for each of its lines. Raises `Unsupported`, with the reason,
    where the framework cannot express the recipe in this form.
    """
    unsupported = dict(backend.mode.unsupported_scenarios)
    index = None
    if resumable:
        if backend.resume_index is None:
            raise Unsupported(unsupported.get("resume_index", f"{backend.title} takes no index"))
        index = backend.resume_index.argument
    _check_groups(recipe, backend, argument_form)
    if argument_form == STANDALONE:
        text, name = standalone(recipe, backend, reason, index)
        if recipe.schedule.machine is not None:
            unsupported |= _UNSUPPORTED_WITH_METRICS
        elif not is_closed(recipe):
            unsupported |= _UNSUPPORTED_AFTER_A_RATE
        return Emitted(text, None, (name,), unsupported, {})
    written = write(recipe, backend, argument_form)
    call = written.call
    if index is not None:
        call = replace(call, arguments={**call.arguments, index: Variable(index)})
    unsupported |= backend.bindings.class_of(call.name).unsupported_scenarios
    text = _module(call, backend, index, f"{usage(recipe, backend)}\n{reason}")
    names = tuple(sorted(classes(call)))
    return Emitted(text, written.call, names, unsupported, written.framework_defaults)


def _check_groups(recipe: Recipe, backend: Backend, argument_form: str) -> None:
    """Raise `Unsupported` where the parameter groups of *backend* cannot have the base rates."""
    if len(set(recipe.bases)) == 1 and not recipe.group_counts:
        return
    if backend.groups == "none":
        reasons = backend.mode.unsupported_scenarios
        raise Unsupported(reasons.get("groups", f"{backend.title} has one rate for all groups"))
    factors = backend.groups == "factors" and argument_form != STANDALONE
    if factors and not recipe.scales_with_base():
        raise Unsupported(
            "a group's learning_rate multiplies the scheduler's rate, "
            "and this curve is no multiple of its base rate"
        )


def _module(call: Call, backend: Backend, index: str | None, comments: str) -> str:
    exported, definitions, imports = [], [], []
    for name in sorted(classes(call)):
        file = backend.bindings.class_of(name).defined_in
        if file is None:
            exported.append(name)
        else:
            text = (backend.folder / file).read_text(encoding="utf-8")
            head, _, definition = text.partition("\n\n\n")
            imports += head.splitlines()
            definitions.append(definition.rstrip())
    parameters = filter(None, (backend.argument, f"{index}=-1" if index else None))
    lines = [
        f"def build_scheduler({', '.join(parameters)}):",
        *comment(comments),
        *_result(call),
    ]
    definitions.append("\n".join(lines))
    return module_text(definitions, _import(backend.module, exported), imports)


def _result(call: Call) -> list[str]:
    """Return the lines that return *call*, its state set."""
    if not call.state:
        return [f"    return {render(call, 4, len('    return '))}"]
    numbers = {name: unparse(constant(number)) for name, number in call.state.items()}
    state = [f"    scheduler.{name} = {number}" for name, number in numbers.items()]
    built = f"    scheduler = {render(call, 4, len('    scheduler = '))}"
    return [built, *state, "    return scheduler"]


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}" if names else ""
    if len(line) <= CALL_WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
