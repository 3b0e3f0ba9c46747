"""Completion in the shell of recipes, schedules, backends, scenarios and formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from lrspec.bindings.backend import backends
from lrspec.importers.configuration import FORMATS
from lrspec.scenario.declaration import declared
from lrspec.spec.recipe_file import published
from lrspec.spec.schedule import schedules

#: What a parameter takes, by the names that the commands give to their parameters.
_VALUES: dict[str, Callable[[], Iterable[str]]] = {
    "source": published,
    "sources": published,
    "target": published,
    "first": published,
    "second": published,
    "names": backends,
    "backend": backends,
    "framework": backends,
    "scenarios": declared,
    "kind": schedules,
    "format_name": lambda: FORMATS,
}
_OR_FILES = (published,)


def add_completion(command: click.Command) -> click.Command:
    """Make the parameters of *command* complete what they take."""
    for parameter in command.params:
        values = _VALUES.get(parameter.name or "")
        if values is not None:
            parameter.shell_complete = _completing(values)  # type: ignore[assignment, method-assign]
    return command


def _completing(
    values: Callable[[], Iterable[str]],
) -> Callable[[click.Context, str], list[CompletionItem]]:
    def complete(_: click.Context, incomplete: str) -> list[CompletionItem]:
        items = [CompletionItem(name) for name in values() if name.startswith(incomplete)]
        files = [CompletionItem(incomplete, type="file")] if values in _OR_FILES else []
        return items + files

    return complete
