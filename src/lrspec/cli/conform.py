"""`lrspec conform`: recipes run in the frameworks and compared with the specification."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.bindings.document import EXPLICIT
from lrspec.cli import options
from lrspec.cli.terminal import progress
from lrspec.errors import BadInput
from lrspec.report import summary
from lrspec.report.groups import groups
from lrspec.spec.origin import Origin
from lrspec.suite import replay
from lrspec.suite.cases import case_of, cases
from lrspec.suite.departing import version_warning
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import observe
from lrspec.suite.shrink import shrink
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
    help="Find the shortest recipe that shows each departure.",
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
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise BadInput("--output", output, "a folder")
    if replayed is not None and (pythons or shrinks):
        option = "--shrink" if shrinks else "--python"
        sentence = "cannot be combined with --replay, which runs nothing"
        raise BadInput(option, "given", "no --replay", sentence=sentence)
    sources = tuple(dict.fromkeys(sources))
    selected = [backend_of(name) for name in dict.fromkeys(names)] or list(backends().values())
    runs: Sequence[Run] = ()
    complaints: Sequence[str] = ()
    written = f"wrote {output}/results.json; `lrspec report` makes a report of it"
    if replayed is None:
        runs = _planned(sources, selected, scenarios, steps)
        with progress(len(runs)) as advance:
            observations = observe(runs, pythons, advance)
        results = results_of(runs, observations)
        write_results(folder, runs, observations, results)
    else:
        recorded = replay.read(Path(replayed or output), names)
        again = replay.replay(recorded, selected, sources, scenarios, steps)
        results, complaints = again.results, again.complaints
        if again.whole or recorded.folder.resolve() != folder.resolve():
            write(folder / "results.json", results.to_json())
        else:
            written = f"{output}/results.json has more runs and was not replaced; use another -o"
    for name, version in results.versions.items():
        note = version_warning(Origin(name, version)) if version else ""
        if note:
            options.print_warning(note)
    if as_json:
        click.echo(indented(results.findings))
    else:
        _print(results, brief=not sources)
        click.echo(written, err=True)
    if shrinks:
        _shrink(results, runs, pythons, folder)
    for complaint in complaints:
        click.echo(complaint, err=True)
    return 1 if _is_bad(results.findings, own=bool(sources)) or complaints else 0


def _is_bad(findings: Sequence[Finding], *, own: bool) -> bool:
    """Return whether a run is unpredicted or absent, or departs from a user's *own* recipe."""
    departs = own and any(finding.verdict == "departs" for finding in findings)
    unpredicted = any(finding.verdict == "unpredicted" for finding in findings)
    return departs or unpredicted or any(finding.status == "absent" for finding in findings)


def _planned(
    sources: Sequence[str],
    selected: Sequence[Backend],
    scenarios: Sequence[str],
    steps: int | None,
) -> list[Run]:
    chosen = [case_of(source) for source in sources] or cases()
    runs = plan(chosen, selected, scenarios, steps, misuse=bool(scenarios) or not sources)
    if not runs:
        expected = "a scenario that applies to these recipes, as metrics to a plateau"
        raise BadInput("--scenario", ", ".join(scenarios), expected)
    return runs


def _shrink(results: Results, runs: Sequence[Run], pythons: dict[str, str], folder: Path) -> None:
    """Print the shortest run that shows each departure, and write a script for it."""
    planned = {run.id: run for run in runs}
    departing = [*groups(results, "unpredicted"), *groups(results, "departs")]
    examples = [group.example for group in departing]
    with progress(len(examples)) as advance:
        shortest = shrink([(planned[f.run], f) for f in examples], pythons, advance)
    for number, shrunk in enumerate(shortest, 1):
        finding = shrunk.finding
        script = folder / "shrunk" / f"{number}-{finding.backend}.py"
        write(script, finding.reproducer or finding.source)
        recipe = json.dumps(shrunk.run.case.recipe.to_dict(), ensure_ascii=False)
        cause = finding.departures[0] if finding.departures else "unpredicted"
        click.echo(f"{cause}: {recipe}, {finding.scenario}; script: {script}", err=True)


def _print(results: Results, *, brief: bool) -> None:
    """Print a line per run of the user's own recipes, or the matrix of the suite."""
    if brief:
        click.echo(summary.table(results))
        return
    for finding in results.findings:
        click.echo(_line(finding))
    click.echo(summary.counts(results))


def _line(finding: Finding) -> str:
    argument_form = "" if finding.argument_form == EXPLICIT else f" ({finding.argument_form})"
    run = f"{finding.case}  {finding.backend}{argument_form}  {finding.scenario}"
    head = f"{run}  {finding.verdict or finding.status}"
    if finding.verdict == "conforms":
        ulp = finding.max_ulp_error or 0
        exact = finding.difference == "exact"
        worst = "exact" if exact else f"{finding.difference}, at most {ulp:.3g} ULP"
        form = f" ({finding.form})" if finding.form else ""
        later = f". {finding.explanation}" if finding.explanation else ""
        return f"{head}{form}: {worst} over {finding.updates} updates{later}"
    breaks = f"; breaks {finding.rules[0]}" if finding.rules else ""
    causes = f" ({', '.join(finding.departures)}{breaks})" if finding.departures else ""
    return f"{head}{causes}: {finding.explanation}"
