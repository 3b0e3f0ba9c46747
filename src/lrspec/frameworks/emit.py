"""From a recipe to a framework's own words: the source text that is run, shown and handed out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.errors import Unsupported
from lrspec.frameworks.backend import Backend
from lrspec.frameworks.source import Call, Text, classes, python_of, render, substituted
from lrspec.truth.compiled import value
from lrspec.truth.formula import parse
from lrspec.truth.recipe import Recipe, from_dict

#: The spelling that `port` hands out; any other is a spelling that people use and that differs.
NATIVE = "native"


@dataclass(frozen=True)
class Emitted:
    """A module of source text with one function, `build_scheduler`.

    `classes` are the framework's classes in it; `drives` maps each drive that they cannot follow
    to the reason.
    """

    text: str
    classes: tuple[str, ...]
    drives: Mapping[str, str]


def spellings(recipe: Recipe, backend: Backend) -> tuple[str, ...]:
    """Return the names of the ways in which people write *recipe* in *backend*, native first."""
    named = {s["name"] for s in backend.binding(recipe.kind).get("spellings", ()) if "name" in s}
    fitting = [name for name in sorted(named) if any(_fitting(recipe, backend, name))]
    return (NATIVE, *fitting)


def emit(recipe: Recipe, backend: Backend, spelling: str = NATIVE) -> Emitted:
    """Return the source of *recipe* in the words of *backend*.

    Raises `Unsupported`, with the reason, where the framework has no native way to say it.
    """
    _check_groups(recipe, backend)
    drives = dict(backend.mode["drives"])
    call = _call(recipe, backend, spelling, drives, outermost=True)
    return Emitted(_module(call, recipe, backend), tuple(sorted(classes(call))), drives)


def _check_groups(recipe: Recipe, backend: Backend) -> None:
    if backend.document["groups"] != "factors" or len(set(recipe.bases)) == 1:
        return
    if not recipe.scales_with_base():
        raise Unsupported(
            "a group's learning_rate multiplies the scheduler's rate, "
            "and this curve is no multiple of its base rate"
        )


def _module(call: Call, recipe: Recipe, backend: Backend) -> str:
    module = backend.document["module"]
    argument = backend.document["argument"] or ""
    returned = render(call, 4, len("    return "))
    names = Call("", tuple(Text(name) for name in sorted(classes(call))))
    imports = f"from {module} import {render(names)[1:-1]}"
    if "\n" in imports or len(imports) > 88:
        imports = f"from {module} import {render(names, 0, 88)}"
    lines = ["import math", ""] if "math." in returned else []
    usage = backend.mode["usage"].format(rates=_rates(recipe, backend))
    lines += [imports, "", "", f"def build_scheduler({argument}):", f"    # {usage}"]
    return "\n".join([*lines, f"    return {returned}", ""])


def _rates(recipe: Recipe, backend: Backend) -> str:
    bases = recipe.bases
    if backend.document["groups"] == "factors":
        if len(bases) == 1:
            return ""
        return f", its groups' learning_rate being {_listed(b / bases[0] for b in bases)}"
    if len(bases) == 1:
        return f"lr={bases[0]!r}"
    return f"groups with lr={_listed(bases)}"


def _listed(numbers: Any) -> str:
    return ", ".join(map(repr, numbers))


def _environments(recipe: Recipe, backend: Backend) -> list[dict[str, Any]]:
    """Return the names that bindings read, once a base rate that they may see."""
    bases = recipe.bases[:1] if backend.document["groups"] == "factors" else recipe.bases
    environments = []
    for base in bases:
        names = {"base_lr": base, **recipe.values(base)}
        for name, parameter in recipe.schedule.parameters.items():
            for choice in parameter.choices:
                names[f"{choice}_{name}"] = names[name] == choice
        environments.append(names)
    return environments


def _holds(entry: Mapping[str, Any], recipe: Recipe, backend: Backend) -> bool:
    if entry.get("mode", backend.name) != backend.name:
        return False
    if any(name not in recipe.given for name in entry.get("given", ())):
        return False
    condition = entry.get("when")
    if condition is None:
        return True
    return all(value(parse(condition), names) for names in _environments(recipe, backend))


def _fitting(recipe: Recipe, backend: Backend, spelling: str) -> Iterator[Mapping[str, Any]]:
    for entry in backend.binding(recipe.kind).get("spellings", ()):
        if entry.get("name", NATIVE) == spelling and _holds(entry, recipe, backend):
            yield entry


def _call(
    recipe: Recipe, backend: Backend, spelling: str, drives: dict[str, str], *, outermost: bool
) -> Call:
    for entry in backend.binding(recipe.kind).get("cannot", ()):
        if _holds(entry, recipe, backend):
            raise Unsupported(entry["because"])
    reason = f"{backend.title} has no class for these parameters"
    for entry in _fitting(recipe, backend, spelling):
        try:
            call = _entry(entry, recipe, backend, drives)
        except _Differs as differs:
            reason = str(differs)
            continue
        if outermost:
            drives.update(entry.get("drives", {}))
        return call
    raise Unsupported(reason)


class _Differs(Exception):
    """An argument would have to differ between parameter groups."""


def _entry(
    entry: Mapping[str, Any], recipe: Recipe, backend: Backend, drives: dict[str, str]
) -> Call:
    context = _Context(recipe, backend, drives)
    if "as" in entry:
        document = {**context.document(entry["as"]), "base_lr": list(recipe.bases)}
        return _call(from_dict(document), backend, NATIVE, drives, outermost=False)
    positional = tuple(
        Text(item) if item == "optimizer" else context.argument(item)
        for item in entry.get("positional", ())
    )
    arguments = {name: context.argument(item) for name, item in entry["arguments"].items()}
    return Call(entry["class"], positional, arguments)


class _Context:
    """Fills the arguments of a binding with what a recipe says."""

    def __init__(self, recipe: Recipe, backend: Backend, drives: dict[str, str]) -> None:
        self.recipe, self.backend, self.drives = recipe, backend, drives
        self.environments = _environments(recipe, backend)

    def argument(self, item: Any) -> Any:
        """Return the value, call or text that *item* of a binding stands for."""
        match item:
            case str() if item.startswith("="):
                return self._number(item[1:])
            case list():
                return [self.argument(inner) for inner in item]
            case {"member": name, **rest}:
                member = self.recipe.given.get(name)
                return self.argument(rest["else"]) if member is None else self._member(member)
            case {"members": name}:
                return [self._member(member) for member in self.recipe.given[name]]
            case {"function": name}:
                return _function(self.recipe.given[name])
        return item

    def document(self, item: Any) -> Any:
        """Return the part of a recipe that *item* of a binding's `as` stands for."""
        match item:
            case str() if item.startswith("="):
                return self._number(item[1:])
            case list():
                return [self.document(inner) for inner in item]
            case {"member": name}:
                member = self.recipe.given.get(name)
                held = {"schedule": "constant", "factor": 1.0, "total_iters": 0}
                return held if member is None else member.to_dict()
            case {"formula": text}:
                return self._same([substituted(parse(text), e).text for e in self.environments])
            case dict():
                return {name: self.document(inner) for name, inner in item.items()}
        return item

    def _number(self, text: str) -> Any:
        found = self._same([value(parse(text), names) for names in self.environments])
        return list(found) if isinstance(found, tuple) else found

    def _same(self, found: list[Any]) -> Any:
        if any(other != found[0] for other in found[1:]):
            raise _Differs("this argument would have to differ between the parameter groups")
        return found[0]

    def _member(self, member: Recipe) -> Call:
        with_base = member.with_base(*self.recipe.bases)
        return _call(with_base, self.backend, NATIVE, self.drives, outermost=False)


def _function(text: str) -> Text:
    python = python_of(parse(text, frozenset({"t"})))
    if python is None:
        raise Unsupported(f"no plain Python expression for the formula {text}")
    return Text(f"lambda t: {python}")
