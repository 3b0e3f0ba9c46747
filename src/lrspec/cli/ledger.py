"""`lrspec ledger`: what is known of divergences, and what it lacks."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from lrspec.report import propose
from lrspec.verdict.ledger import load
from lrspec.verdict.results import read


@click.group("ledger")
def command() -> None:
    """The ledger of known divergences."""


@command.command("propose")
@click.argument("folder", default="reports", metavar="[DIR]")
@click.option(
    "--checked",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day of the review, as 2026-11-21.",
)
@click.option("--write", "writes", is_flag=True, help="Append them to the ledger's files.")
def propose_command(folder: str, checked: datetime.datetime, writes: bool) -> int:  # noqa: FBT001
    """Print entries for what is new or changed in the last run in DIR (default: reports).

    What is gone or never met is named on standard error.
    """
    results = read(Path(folder) / "results.json")
    home = propose.ledger_folder()
    ledger = [entry for path in sorted(home.glob("*.json")) for entry in load(path)]
    proposed = propose.proposals(results, ledger, checked.date().isoformat())
    outdated = propose.outdated(results, ledger)
    written = propose.append(home, proposed) if writes else []
    click.echo(json.dumps([dict(p.entry) for p in proposed], indent=2, ensure_ascii=False))
    for line in [*(proposal.advice for proposal in proposed), *outdated]:
        click.echo(line, err=True)
    for path in written:
        click.echo(f"{path.name} is written; review what is marked PROPOSED", err=True)
    return 1 if outdated or (proposed and not writes) else 0
