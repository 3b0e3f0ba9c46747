"""`lrspec departures`: where the frameworks are known to depart from the specification."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from lrspec.cli import options
from lrspec.dialect.dialect import departures
from lrspec.report.groups import groups
from lrspec.verdict.results import read


@click.group(
    "departures",
    short_help="List the known departures: which side is right, and why.",
    invoke_without_command=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:  # noqa: FBT001
    """List the known departures: which side is right, why, and what to do."""
    if context.invoked_subcommand is not None:
        return
    if as_json:
        document = {name: known.to_dict() for name, known in departures().items()}
        options.print_json(document, indent=2)
        return
    for name, known in departures().items():
        click.echo(f"{name} ({known.versions}; right: {known.right})")
        click.echo(f"    {known.cause} {known.do}")
        if known.link or known.page:
            click.echo(f"    {known.link or f'reports/findings/{known.page}.md'}")


@command.command("propose")
@click.argument("folder", default="reports", metavar="[DIR]")
@click.option(
    "--checked",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Date of the review, such as 2026-11-21.",
)
def propose(folder: str, checked: datetime.datetime) -> int:
    """Print an entry to review for each group of unpredicted runs.

    The results are read from DIR (default: reports). Find out which side is right, change the rule
    in the dialect's classes.json or protocol.py, and name the departure there.
    """
    unpredicted = groups(read(Path(folder) / "results.json"), "unpredicted")
    entries = {
        group.name: {
            "right": "specification",
            "cause": f"PROPOSED: {group.example.explanation}",
            "do": "PROPOSED",
            "versions": "PROPOSED",
            "checked": checked.date().isoformat(),
        }
        for group in unpredicted
    }
    options.print_json(entries, indent=2)
    for group in unpredicted:
        count = len(group.findings)
        runs = f"{count} run{'' if count == 1 else 's'}"
        click.echo(f"{group.name}: {runs}, the shortest {group.example.run}", err=True)
    return 1 if entries else 0
