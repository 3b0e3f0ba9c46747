"""`lrspec recipes`: the published recipes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import shorten
from typing import Any

import click

from lrspec import resources
from lrspec.cli import options
from lrspec.cli.terminal import print_table
from lrspec.spec.recipe import Recipe, load

_TITLE = 90  # characters


@click.command("recipes", short_help="List the published recipes.")
@click.argument("word", default="", metavar="[WORD]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(word: str, as_json: bool) -> int:  # noqa: FBT001
    """List the published recipes, or those with WORD in their name, title, source or schedules.

    An "example" shows a scheduler with numbers that nobody is known to have trained with. A
    recipe's name can be used wherever a command takes a RECIPE. The source of one that is named
    WORD, or alone has it, follows; --json prints all sources. Exit status: 1 if none has WORD.
    """
    names = sorted(path.stem for path in (resources.root() / "spec" / "recipes").glob("*.json"))
    entries = [_entry(name, load(name)) for name in names]
    found = [entry for entry in entries if word.lower() in json.dumps(entry).lower()]
    if as_json:
        options.print_json(found)
    elif found:
        rows = [[e["name"], " ".join(e["schedules"]), _short(e["title"])] for e in found]
        print_table(["name", "schedules", "title"], rows)
        named = [entry for entry in found if entry["name"] == word]
        for entry in named or (found if len(found) == 1 else ()):
            click.echo("\n".join(_source(entry)))
    else:
        click.echo(f"no published recipe has {word!r}", err=True)
    return 0 if found else 1


def _entry(name: str, recipe: Recipe) -> dict[str, Any]:
    about = recipe.about or {}
    return {
        "name": name,
        "title": about.get("title", ""),
        "schedules": list(dict.fromkeys(_kinds(recipe))),
        "example": about.get("example", False),
        "source": about.get("source", ""),
        "place": about.get("place", ""),
        "url": about.get("url"),
    }


def _short(title: str) -> str:
    return shorten(title, _TITLE, placeholder=" …")


def _source(entry: dict[str, Any]) -> Iterator[str]:
    """Yield what is known of the source of a recipe, line by line."""
    yield f"source: {'example; ' if entry['example'] else ''}{entry['source']}"
    yield from (f"{name}: {entry[name]}" for name in ("place", "url") if entry[name])


def _kinds(recipe: Recipe) -> list[str]:
    return [recipe.kind, *(kind for member in recipe.members() for kind in _kinds(member))]
