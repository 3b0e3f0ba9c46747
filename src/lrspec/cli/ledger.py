"""`lrspec ledger`: the known divergences."""

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
    """Maintain the list of known divergences."""


@command.command("propose")
@click.argument("folder", default="reports", metavar="[DIR]")
@click.option(
    "--checked",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Date of the review, as 2026-11-21.",
)
@click.option("--write", "writes", is_flag=True, help="Append the entries to the ledger's files.")
def propose_command(folder: str, checked: datetime.datetime, writes: bool) -> int:  # noqa: FBT001
    """Print entries for new or changed divergences.

    They are found in the results of the last run in DIR (default: reports). Entries that no run
    confirms any more are listed on standard error.
    """
    results = read(Path(folder) / "results.json")
    folder_of_entries = propose.ledger_folder()
    ledger = [entry for path in sorted(folder_of_entries.glob("*.json")) for entry in load(path)]
    proposed = propose.proposals(results, ledger, checked.date().isoformat())
    outdated = propose.outdated(results, ledger)
    written = propose.append(folder_of_entries, proposed) if writes else []
    click.echo(json.dumps([dict(p.entry) for p in proposed], indent=2, ensure_ascii=False))
    for line in [*(proposal.advice for proposal in proposed), *outdated]:
        click.echo(line, err=True)
    for path in written:
        click.echo(f"wrote {path.name}; review the entries marked PROPOSED", err=True)
    return 1 if outdated or (proposed and not writes) else 0
