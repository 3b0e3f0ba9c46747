"""From a recipe to a call of a framework's class: the binding that fits, with its arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lrspec.bindings.backend import Backend
from lrspec.bindings.tree import Call, Text
from lrspec.errors import Unsupported
from lrspec.spec.formula.compiler import value
from lrspec.spec.formula.grammar import Formula, parse, with_values
from lrspec.spec.formula.unparse import python_of
from lrspec.spec.recipe import Recipe

#: The argument form that `port` writes: every argument that matters is given.
EXPLICIT = "explicit"


class Differs(Exception):
    """An argument would have to differ between parameter groups."""


def environments(recipe: Recipe, backend: Backend) -> list[dict[str, Any]]:
    """Return the names that bindings read, once a base rate that they may see."""
    bases = recipe.bases[:1] if backend.document["groups"] == "factors" else recipe.bases
    return [{"base_lr": base, **recipe.values(base)} for base in bases]


def holds(entry: Mapping[str, Any], recipe: Recipe, backend: Backend) -> bool:
    """Tell whether *entry* of the bindings speaks of *recipe*."""
    if entry.get("mode", backend.name) != backend.name:
        return False
    if any(name not in recipe.given for name in entry.get("given", ())):
        return False
    if any(name in recipe.given for name in entry.get("absent", ())):
        return False
    condition = entry.get("when")
    if condition is None:
        return True
    return all(value(parse(condition), names) for names in environments(recipe, backend))


def fitting(recipe: Recipe, backend: Backend, argument_form: str) -> Iterator[Mapping[str, Any]]:
    """Return the entries that say *recipe* under the name *argument_form*."""
    for entry in backend.binding(recipe.kind).get("argument_forms", ()):
        if entry.get("name", EXPLICIT) == argument_form and holds(entry, recipe, backend):
            yield entry


def refusal(recipe: Recipe, backend: Backend) -> str | None:
    """Return why the framework cannot say *recipe*, None if nothing speaks against it."""
    for entry in backend.binding(recipe.kind).get("cannot", ()):
        if holds(entry, recipe, backend):
            return str(entry["because"])
    return None


class Filled:
    """Fills the arguments of a binding with what a recipe says.

    *call* makes the call of a nested recipe. Raises `Differs` where one argument would have to be
    another for each parameter group.
    """

    def __init__(self, recipe: Recipe, backend: Backend, call: Callable[[Recipe], Call]) -> None:
        self.recipe = recipe
        self.environments = environments(recipe, backend)
        self.call = call

    def argument(self, item: Any) -> Any:
        """Return the value, call or text that *item* of a binding stands for."""
        match item:
            case "optimizer":
                return Text("optimizer")
            case str() if item.startswith("="):
                return self._same(self._numbers(item))
            case list():
                return [self.argument(inner) for inner in item]
            case {"member": name, **rest}:
                member = self.recipe.given.get(name)
                return self.argument(rest["else"]) if member is None else self._member(member)
            case {"members": name}:
                return [self._member(member) for member in self.recipe.given[name]]
            case {"function": name}:
                return _function(self.recipe.formulas()[name])
            case {"each": text}:
                found = self._numbers(text)
                return found if len(set(found)) > 1 else found[0]
        return item

    def document(self, item: Any) -> Any:
        """Return the part of a recipe that *item* of a binding's `as` stands for."""
        match item:
            case str() if item.startswith("="):
                return self._same(self._numbers(item))
            case list():
                return [self.document(inner) for inner in item]
            case {"member": name}:
                member = self.recipe.given.get(name)
                held = {"schedule": "constant", "factor": 1.0, "total_iters": 0}
                return held if member is None else member.to_dict()
            case {"formula": text}:
                return self._same([with_values(parse(text), e).text for e in self.environments])
            case dict():
                return {name: self.document(inner) for name, inner in item.items()}
        return item

    def _numbers(self, text: str) -> list[Any]:
        found = [value(parse(text.removeprefix("=")), names) for names in self.environments]
        return [list(one) if isinstance(one, tuple) else one for one in found]

    def _same(self, found: list[Any]) -> Any:
        if any(other != found[0] for other in found[1:]):
            raise Differs("this argument would have to differ between the parameter groups")
        return found[0]

    def _member(self, member: Recipe) -> Call:
        return self.call(member.with_base(*self.recipe.bases))


def _function(formula: Formula) -> Text:
    python = python_of(formula)
    if python is None:
        raise Unsupported(f"no plain Python expression for the formula {formula.text}")
    return Text(f"lambda t: {python}")
