"""`lrspec recipes`: the published recipes."""

from __future__ import annotations

import json
from typing import Any

import click

from lrspec import resources
from lrspec.cli import options
from lrspec.cli.terminal import print_table
from lrspec.spec.recipe import Recipe, load


@click.command("recipes")
@click.argument("word", default="", metavar="[WORD]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(word: str, as_json: bool) -> int:  # noqa: FBT001
    """List the published recipes, or those with WORD in their name, title, source or schedules.

    An "example" shows a scheduler with numbers that nobody is known to have trained with. A
    recipe's name can be used wherever a command takes a RECIPE. Exit status: 1 if none has WORD.
    """
    names = sorted(path.stem for path in (resources.root() / "spec" / "recipes").glob("*.json"))
    entries = [_entry(name, load(name)) for name in names]
    found = [entry for entry in entries if word.lower() in json.dumps(entry).lower()]
    if as_json:
        options.print_json(found)
    elif found:
        rows = [[e["name"], e["title"], " ".join(e["schedules"]), _source(e)] for e in found]
        print_table(["name", "title", "schedules", "source"], rows)
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


def _source(entry: dict[str, Any]) -> str:
    """Return the source of a recipe: its title and its address."""
    address = f", {entry['url']}" if entry["url"] else ""
    return f"{'example; ' if entry['example'] else ''}{entry['source']}{address}"


def _kinds(recipe: Recipe) -> list[str]:
    return [recipe.kind, *(kind for member in recipe.members() for kind in _kinds(member))]
