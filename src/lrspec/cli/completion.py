"""Completion in the shell of recipes, schedules, backends, scenarios and formats."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import click
from click.shell_completion import CompletionItem

#: What a parameter takes, by the names that the commands give to their parameters: the module and
#: the name of what lists it. They are imported for a completion alone.
_RECIPES = ("spec.recipe_file", "published")
_BACKENDS = ("bindings.backend", "backends")
_VALUES = {
    "source": _RECIPES,
    "sources": _RECIPES,
    "target": _RECIPES,
    "first": _RECIPES,
    "second": _RECIPES,
    "names": _BACKENDS,
    "backend": _BACKENDS,
    "framework": _BACKENDS,
    "scenarios": ("scenario.declaration", "declared"),
    "kind": ("spec.schedule", "schedules"),
    "format_name": ("importers.configuration", "FORMATS"),
}


def add_completion(command: click.Command) -> click.Command:
    """Make the parameters of *command* complete what they take."""
    for parameter in command.params:
        values = _VALUES.get(parameter.name or "")
        if values is not None:
            parameter.shell_complete = _completing(values)  # type: ignore[assignment, method-assign]
    return command


def _completing(
    values: tuple[str, str],
) -> Callable[[click.Context, str], list[CompletionItem]]:
    def complete(_: click.Context, incomplete: str) -> list[CompletionItem]:
        module, name = values
        found = getattr(import_module(f"lrspec.{module}"), name)
        known = found() if callable(found) else found
        items = [CompletionItem(name) for name in known if name.startswith(incomplete)]
        files = [CompletionItem(incomplete, type="file")] if values == _RECIPES else []
        return items + files

    return complete
