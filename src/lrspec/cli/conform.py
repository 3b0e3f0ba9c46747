"""`lrspec conform`: recipes in the real frameworks, held against the specification."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.cli import options
from lrspec.cli.progress import progress
from lrspec.errors import BadInput
from lrspec.report import summary
from lrspec.report.groups import groups
from lrspec.suite import replay
from lrspec.suite.cases import case_of, cases
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import observe
from lrspec.suite.shrink import SHRUNK, shrink
from lrspec.verdict.results import Finding, Results, indented, write


@click.command("conform")
@click.argument("sources", nargs=-1, metavar="[RECIPE ...]")
@click.option("--backend", "names", multiple=True, metavar="NAME", help="Only this; repeatable.")
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Only this; repeatable."
)
@click.option("--steps", type=click.IntRange(1, 10**6), help="How many updates a run.")
@click.option("-o", "--output", default="reports", show_default=True, help="Where results go.")
@options.python
@click.option(
    "--replay",
    "replayed",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Judge the traces recorded in DIR, by default the output folder; no framework is needed.",
)
@click.option(
    "--shrink",
    "shrinks",
    is_flag=True,
    help="Find the shortest recipe that shows each divergence, by asking the framework again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    sources: tuple[str, ...],
    names: tuple[str, ...],
    scenarios: tuple[str, ...],
    steps: int | None,
    output: str,
    pythons: dict[str, str],
    replayed: str | None,
    shrinks: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Run RECIPEs, or the whole suite, in every framework and compare step by step."""
    if Path(output).exists() and not Path(output).is_dir():
        raise BadInput("--output", output, "a folder")
    wanted = [backend_of(name) for name in dict.fromkeys(names)] or list(backends().values())
    asked = _Asked(tuple(dict.fromkeys(sources)), wanted, scenarios, steps, Path(output))
    if replayed is None:
        outcome = _run(asked, pythons)
    elif pythons or shrinks:
        option = "--shrink" if shrinks else "--python"
        found = next(iter(pythons), "given")
        raise BadInput(option, found, "none with --replay: it runs nothing")
    else:
        outcome = _replayed(asked, Path(replayed or output), names)
    findings = outcome.results.findings
    if as_json:
        click.echo(indented(findings))
    else:
        _tell(outcome.results, brief=not sources)
        click.echo(outcome.written, err=True)
    if shrinks:
        _shrink(outcome, pythons, Path(output))
    for complaint in outcome.complaints:
        click.echo(complaint, err=True)
    bad = any(finding.verdict not in ("conforms", "unsupported") for finding in findings)
    return 1 if bad or outcome.complaints else 0


@dataclass(frozen=True)
class _Asked:
    """What the command line asks for; without `sources` it is the whole suite."""

    sources: tuple[str, ...]
    wanted: Sequence[Backend]
    scenarios: tuple[str, ...]
    steps: int | None
    output: Path


@dataclass(frozen=True)
class _Outcome:
    """The results, the runs that they are of, what was not judged, and what was written."""

    results: Results
    runs: Sequence[Run]
    complaints: Sequence[str]
    written: str


def _run(asked: _Asked, pythons: dict[str, str]) -> _Outcome:
    """Ask the frameworks, and write what they showed."""
    chosen = [case_of(source) for source in asked.sources] or cases()
    misuse = bool(asked.scenarios) or not asked.sources
    runs = plan(chosen, asked.wanted, asked.scenarios, asked.steps, misuse=misuse)
    if not runs:
        expected = "a scenario of these recipes: metrics where a schedule reads them"
        raise BadInput("--scenario", ", ".join(asked.scenarios), expected)
    with progress(len(runs)) as advance:
        seen = observe(runs, pythons, advance)
    results = results_of(runs, seen)
    write_results(asked.output, runs, seen, results)
    return _Outcome(results, runs, (), _written(asked.output))


def _replayed(asked: _Asked, folder: Path, names: Sequence[str]) -> _Outcome:
    """Judge what a run left in *folder*, and write the verdicts where they do not say less."""
    recorded = replay.read(folder, names)
    again = replay.replay(recorded, asked.wanted, asked.sources, asked.scenarios, asked.steps)
    written = f"{asked.output}/results.json holds more and is left as it is; name another -o"
    if again.whole or folder.resolve() != asked.output.resolve():
        write(asked.output / "results.json", again.results.to_json())
        written = _written(asked.output)
    return _Outcome(again.results, (), again.complaints, written)


def _written(output: Path) -> str:
    return f"{output}/results.json is written; `lrspec report` makes a page of it"


def _shrink(outcome: _Outcome, pythons: dict[str, str], output: Path) -> None:
    """Print the shortest run of each divergence, and write the script that shows it."""
    planned = {run.id: run for run in outcome.runs}
    found = [group.witness for group in groups(outcome.results, *SHRUNK)]
    with progress(len(found)) as advance:
        shortest = shrink([(planned[f.run], f) for f in found], pythons, advance)
    for number, one in enumerate(shortest, 1):
        script = output / "shrunk" / f"{number}-{one.finding.backend}.py"
        write(script, one.finding.reproducer or one.finding.source)
        recipe = json.dumps(one.run.case.recipe.to_dict(), ensure_ascii=False)
        click.echo(
            f"{one.finding.kind}: shown by {recipe}, {one.finding.scenario}; {script}", err=True
        )


def _tell(results: Results, *, brief: bool) -> None:
    """Print a line a run of a user's own recipes, or the matrix of the suite."""
    if brief:
        click.echo(summary.table(results))
        return
    for finding in results.findings:
        click.echo(_line(finding))
    click.echo(summary.counts(results))


def _line(finding: Finding) -> str:
    argument_form = "" if finding.argument_form == "explicit" else f" ({finding.argument_form})"
    head = (
        f"{finding.case}  {finding.backend}{argument_form}  {finding.scenario}  {finding.verdict}"
    )
    if finding.verdict == "conforms":
        ulp = finding.max_ulp_error or 0
        worst = "exact" if finding.kind == "exact" else f"{finding.kind}, at most {ulp:.3g} ULP"
        return f"{head}: {worst} over {finding.updates} updates"
    breaks = f"; breaks {finding.rules[0]}" if finding.rules else ""
    kind = f" ({finding.kind}{breaks})" if finding.verdict == "diverges" else ""
    return f"{head}{kind}: {finding.explanation}"
