"""`lrspec conform`: recipes run in the frameworks and compared with the specification."""

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
@click.option(
    "--backend", "names", multiple=True, metavar="NAME", help="Only this backend; repeatable."
)
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Only this scenario; repeatable."
)
@click.option("--steps", type=click.IntRange(1, 10**6), metavar="N", help="Updates per run.")
@options.output("Folder for the results.")
@options.python
@click.option(
    "--replay",
    "replayed",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Judge the traces recorded in DIR (default: --output), without any framework.",
)
@click.option(
    "--shrink",
    "shrinks",
    is_flag=True,
    help="Find the shortest recipe that shows each divergence.",
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
    """Run recipes in the frameworks and compare every step.

    Without RECIPE, the whole conformance suite is run.
    """
    if Path(output).exists() and not Path(output).is_dir():
        raise BadInput("--output", output, "a folder")
    wanted = [backend_of(name) for name in dict.fromkeys(names)] or list(backends().values())
    selection = _Selection(tuple(dict.fromkeys(sources)), wanted, scenarios, steps, Path(output))
    if replayed is None:
        outcome = _run(selection, pythons)
    elif pythons or shrinks:
        option = "--shrink" if shrinks else "--python"
        raise BadInput(option, next(iter(pythons), "given"), "none with --replay: it runs nothing")
    else:
        outcome = _replayed(selection, Path(replayed or output), names)
    findings = outcome.results.findings
    if as_json:
        click.echo(indented(findings))
    else:
        _print(outcome.results, brief=not sources)
        click.echo(outcome.written, err=True)
    if shrinks:
        _shrink(outcome, pythons, Path(output))
    for complaint in outcome.complaints:
        click.echo(complaint, err=True)
    bad = any(finding.verdict not in ("conforms", "unsupported") for finding in findings)
    return 1 if bad or outcome.complaints else 0


@dataclass(frozen=True)
class _Selection:
    """The runs that the command line selects; without `sources` those of the whole suite."""

    sources: tuple[str, ...]
    wanted: Sequence[Backend]
    scenarios: tuple[str, ...]
    steps: int | None
    output: Path


@dataclass(frozen=True)
class _Outcome:
    """The results and their runs, complaints about what was not judged, and what was written."""

    results: Results
    runs: Sequence[Run]
    complaints: Sequence[str]
    written: str


def _run(selection: _Selection, pythons: dict[str, str]) -> _Outcome:
    """Run the frameworks, and write the traces and verdicts."""
    chosen = [case_of(source) for source in selection.sources] or cases()
    misuse = bool(selection.scenarios) or not selection.sources
    runs = plan(chosen, selection.wanted, selection.scenarios, selection.steps, misuse=misuse)
    if not runs:
        expected = "a scenario that applies to these recipes, as metrics to a plateau"
        raise BadInput("--scenario", ", ".join(selection.scenarios), expected)
    with progress(len(runs)) as advance:
        observations = observe(runs, pythons, advance)
    results = results_of(runs, observations)
    write_results(selection.output, runs, observations, results)
    return _Outcome(results, runs, (), _written(selection.output))


def _replayed(selection: _Selection, folder: Path, names: Sequence[str]) -> _Outcome:
    """Judge the traces in *folder*; write the verdicts unless the output folder has more."""
    recorded = replay.read(folder, names)
    again = replay.replay(
        recorded, selection.wanted, selection.sources, selection.scenarios, selection.steps
    )
    output = selection.output
    written = f"{output}/results.json has more runs and was not replaced; use another -o"
    if again.whole or folder.resolve() != output.resolve():
        write(output / "results.json", again.results.to_json())
        written = _written(output)
    return _Outcome(again.results, (), again.complaints, written)


def _written(output: Path) -> str:
    return f"wrote {output}/results.json; `lrspec report` makes a report of it"


def _shrink(outcome: _Outcome, pythons: dict[str, str], output: Path) -> None:
    """Print the shortest run that shows each divergence, and write a script for it."""
    planned = {run.id: run for run in outcome.runs}
    examples = [group.example for group in groups(outcome.results, *SHRUNK)]
    with progress(len(examples)) as advance:
        shortest = shrink([(planned[f.run], f) for f in examples], pythons, advance)
    for number, shrunk in enumerate(shortest, 1):
        finding = shrunk.finding
        script = output / "shrunk" / f"{number}-{finding.backend}.py"
        write(script, finding.reproducer or finding.source)
        recipe = json.dumps(shrunk.run.case.recipe.to_dict(), ensure_ascii=False)
        click.echo(f"{finding.kind}: {recipe}, {finding.scenario}; script: {script}", err=True)


def _print(results: Results, *, brief: bool) -> None:
    """Print a line per run of the user's own recipes, or the matrix of the suite."""
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
