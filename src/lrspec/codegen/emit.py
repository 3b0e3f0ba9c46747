"""From a recipe to a framework's own words: the source text that is run, shown and handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call, Text, classes, render
from lrspec.bindings.writing import EXPLICIT, Differs, Filled, fitting, refusal
from lrspec.codegen.comments import comment, usage
from lrspec.codegen.standalone import STANDALONE, standalone
from lrspec.errors import Unsupported
from lrspec.spec.recipe import Recipe, from_dict


@dataclass(frozen=True)
class Emitted:
    """A module of source text with one function, `build_scheduler`.

    `classes` are those that it calls; `scenarios` maps each scenario that they cannot follow to the
    reason; `assumes` are the parameters that the argument form leaves to the framework's own
    defaults, where these are not the specification's.
    """

    text: str
    classes: tuple[str, ...]
    scenarios: Mapping[str, str]
    assumes: Mapping[str, Any]


@dataclass
class _Notes:
    """What a call brings with it: see `Emitted`; and the texts of classes of our own."""

    scenarios: dict[str, str]
    assumes: dict[str, Any] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)


def argument_forms(recipe: Recipe, backend: Backend) -> tuple[str, ...]:
    """Return the names of the ways in which people write *recipe* in *backend*, native first."""
    named = {
        s["name"] for s in backend.binding(recipe.kind).get("argument_forms", ()) if "name" in s
    }
    found = [name for name in sorted(named) if any(fitting(recipe, backend, name))]
    return (EXPLICIT, *found)


def emit(
    recipe: Recipe,
    backend: Backend,
    argument_form: str = EXPLICIT,
    *,
    resumable: bool = False,
    because: str = "",
) -> Emitted:
    """Return the source of *recipe* in the words of *backend*.

    A *resumable* `build_scheduler` takes the index that the constructor goes on from; *because* is
    what the comment of an exact source gives as the reason for it. Raises `Unsupported`, with the
    reason, where the framework has no such way to say the recipe.
    """
    index = backend.document["resume_index"]["argument"] if resumable else None
    if argument_form == STANDALONE:
        written = standalone(recipe, backend, because, index)
        return Emitted(written.text, (written.name,), written.scenarios, {})
    _check_groups(recipe, backend)
    notes = _Notes(dict(backend.mode["scenarios"]))
    call = _call(recipe, backend, argument_form, notes, index, outermost=True)
    text = _module(call, recipe, backend, notes, index)
    return Emitted(text, tuple(sorted(classes(call))), notes.scenarios, notes.assumes)


def _check_groups(recipe: Recipe, backend: Backend) -> None:
    if backend.document["groups"] != "factors" or len(set(recipe.bases)) == 1:
        return
    if not recipe.scales_with_base():
        raise Unsupported(
            "a group's learning_rate multiplies the scheduler's rate, "
            "and this curve is no multiple of its base rate"
        )


def _call(
    recipe: Recipe,
    backend: Backend,
    argument_form: str,
    notes: _Notes,
    index: str | None,
    *,
    outermost: bool,
) -> Call:
    reason = refusal(recipe, backend)
    if reason is not None:
        raise Unsupported(reason)
    reason = f"{backend.title} has no class for these parameters"
    for entry in fitting(recipe, backend, argument_form):
        if "define" in entry and not outermost:
            raise Unsupported("a rate that is set by hand is no part of a composition")
        try:
            call = _entry(entry, recipe, backend, notes, index)
        except Differs as differs:
            reason = str(differs)
            continue
        if outermost:
            notes.scenarios.update(entry.get("scenarios", {}))
        return call
    raise Unsupported(reason)


def _entry(
    entry: Mapping[str, Any], recipe: Recipe, backend: Backend, notes: _Notes, index: str | None
) -> Call:
    def member(nested: Recipe) -> Call:
        return _call(nested, backend, EXPLICIT, notes, None, outermost=False)

    filled = Filled(recipe, backend, member)
    if "as" in entry:
        document = {**filled.document(entry["as"]), "base_lr": list(recipe.bases)}
        return _call(from_dict(document), backend, EXPLICIT, notes, index, outermost=False)
    positional = tuple(map(filled.argument, entry.get("positional", ())))
    arguments = {name: filled.argument(item) for name, item in entry["arguments"].items()}
    if index is not None:
        arguments[index] = Text(index)
    if "define" in entry:
        path = backend.folder / entry["define"]
        notes.definitions[entry["class"]] = path.read_text(encoding="utf-8")
    notes.assumes.update(
        (name, filled.argument(item)) for name, item in entry.get("assumes", {}).items()
    )
    return Call(entry["class"], positional, arguments)


def _module(call: Call, recipe: Recipe, backend: Backend, notes: _Notes, index: str | None) -> str:
    returned = render(call, 4, len("    return "))
    imports = {"import math"} if "math." in returned else set()
    definitions = []
    for text in notes.definitions.values():
        head, _, body = text.partition("\n\n\n")
        imports.update(head.splitlines())
        definitions += ["", "", body.rstrip()]
    framework = _import(classes(call) - set(notes.definitions), backend)
    arguments = [backend.document["argument"], f"{index}=-1" if index else None]
    lines = [*sorted(imports), *([""] if imports and framework else []), *framework]
    lines += [*definitions, "", ""] if lines or definitions else []
    lines += [f"def build_scheduler({', '.join(filter(None, arguments))}):"]
    lines += comment(usage(recipe, backend))
    return "\n".join([*lines, f"    return {returned}", ""])


def _import(names: set[str], backend: Backend) -> list[str]:
    if not names:
        return []
    module = backend.document["module"]
    listed = Call("", tuple(map(Text, sorted(names))))
    line = f"from {module} import {render(listed)[1:-1]}"
    if "\n" in line or len(line) > 88:
        line = f"from {module} import {render(listed, 0, 88)}"
    return [line]
