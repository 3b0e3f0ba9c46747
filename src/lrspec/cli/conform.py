"""`lrspec conform`: recipes run in the frameworks and compared with the specification."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.cli import options
from lrspec.cli.terminal import progress, terminal_width
from lrspec.cli.verdicts import line_of, own_verdicts
from lrspec.errors import BadInput
from lrspec.report import summary
from lrspec.report.groups import groups
from lrspec.runtime.grafts import files, grafted, release_like
from lrspec.runtime.process import GRAFT
from lrspec.scenario.own_run import longest_run, run_length
from lrspec.suite import replay
from lrspec.suite.cases import case_of, cases
from lrspec.suite.departing import run_warning
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import observe
from lrspec.suite.shrink import shrink
from lrspec.verdict.files import write
from lrspec.verdict.results import Finding, Results

#: Where the results go: those of the suite, and those of a user's own recipes.
_SUITE, _OWN = "reports", "lrspec-results"


@click.command("conform")
@click.argument("sources", nargs=-1, metavar="[RECIPE ...]")
@click.option(
    "--backend",
    "names",
    multiple=True,
    metavar="NAME[==VERSION]",
    help="Only this backend, or the schedulers of another release of it; repeatable.",
)
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Only this scenario; repeatable."
)
@click.option("--steps", type=click.IntRange(1, 10**6), metavar="N", help="Updates per run.")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help=f"Folder for the results.  [default: {_SUITE}; with RECIPE, {_OWN}]",
)
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
@click.option("-v", "--verbose", is_flag=True, help="Print a line per run of each RECIPE.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: run, runs.")
def command(
    sources: tuple[str, ...],
    names: tuple[str, ...],
    scenarios: tuple[str, ...],
    steps: int | None,
    output: str | None,
    pythons: dict[str, str],
    replayed: str | None,
    shrinks: bool,  # noqa: FBT001
    verbose: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Run recipes in the frameworks and compare every step.

    Without RECIPE, the whole conformance suite is run. The results have an id, which depends on
    what was observed; `lrspec report -o DIR` makes a report of them.
    """
    if replayed is not None and (pythons or shrinks):
        option = "--shrink" if shrinks else "--python"
        sentence = "cannot be combined with --replay, which runs nothing"
        raise BadInput(option, "given", "no --replay", sentence=sentence)
    sources = tuple(dict.fromkeys(sources))
    selected = [_selected(name) for name in dict.fromkeys(names)] or list(backends().values())
    recorded, own = None, bool(sources)
    if replayed is not None:
        wanted = [backend.name for backend in selected] if names else []
        recorded = replay.read(Path(replayed or output or _place(own=own)), wanted)
        own = own or bool(recorded.own)
    output = output or _place(own=own)
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise BadInput("--output", output, "a folder")
    runs: Sequence[Run] = ()
    complaints: Sequence[str] = ()
    report = "lrspec report" if output == _SUITE else f"lrspec report -o {shlex.quote(output)}"
    written = f"wrote {output}/results.json; `{report}` makes a report of it"
    if recorded is None:
        runs = _planned(sources, selected, scenarios, steps)
        with progress(len(runs), Counter(run.backend.title for run in runs)) as advance:
            observations = observe(runs, pythons, advance)
        results = results_of(runs, observations)
        write_results(folder, runs, observations, results)
    else:
        again = replay.replay(recorded, selected, sources, scenarios, steps)
        results, complaints = again.results, again.complaints
        if again.whole or recorded.folder.resolve() != folder.resolve():
            write(folder / "results.json", results.to_json())
        else:
            written = f"{output}/results.json has more runs and was not replaced; use another -o"
    _warn(runs, results, steps)
    if as_json:
        entries = [_entry(finding, results) for finding in results.findings]
        options.print_json({"schema_version": 1, "run": results.run, "runs": entries})
    else:
        _print(results, own=own, verbose=verbose)
        click.echo(f"run {results.run}: {written}", err=True)
    if shrinks:
        _shrink(results, runs, pythons, folder)
    for complaint in complaints:
        click.echo(complaint, err=True)
    return 1 if _is_bad(results.findings, own=own) or complaints else 0


def _place(*, own: bool) -> str:
    """Return the folder of the suite's results, or that of a user's *own* recipes."""
    return _OWN if own else _SUITE


def _warn(runs: Sequence[Run], results: Results, steps: int | None) -> None:
    """Print what of a user's recipe is not covered, and which versions are not modeled."""
    for case in {run.case.id: run.case for run in runs if run.case.own}.values():
        length = run_length(case.recipe, steps, longest_run(case.recipe))
        if length.uncovered:
            options.print_warning(f"{case.id}: {length.uncovered}")
    for name, version in results.versions.items():
        if version and version.endswith(GRAFT):
            only = ", ".join(files(backend_of(name)))
            sentence = f"only {only} are of this release; the rest is the installed framework"
            options.print_warning(f"{name} {version}: {sentence}")
        elif version and (note := run_warning(backend_of(name), version)):
            options.print_warning(note)


def _selected(name: str) -> Backend:
    """Return the backend that *name* names; with a version, the schedulers of that release."""
    backend = backend_of(name)
    if "==" not in name:
        return backend
    return grafted(backend, release_like(backend, backend.version))


def _is_bad(findings: Sequence[Finding], *, own: bool) -> bool:
    """Return whether nothing was verified, or something is not well.

    That is an unpredicted run; in the suite also an absent backend; and a departure from a user's
    *own* recipe.
    """
    verdicts = {finding.verdict for finding in findings}
    bad = "departs" in verdicts if own else any(f.status == "absent" for f in findings)
    return bad or "unpredicted" in verdicts or verdicts <= {None}


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


def _print(results: Results, *, own: bool, verbose: bool) -> None:
    """Print the matrix of the suite or, of a user's *own* recipes, the verdicts or each run.

    With `-q`, nothing is printed if all is well.
    """
    if options.is_quiet() and not _is_bad(results.findings, own=own):
        return
    if not own:
        click.echo(summary.table(results))
        return
    lines = map(line_of, results.findings) if verbose else own_verdicts(results, terminal_width())
    for line in lines:
        click.echo(line)
    click.echo(summary.counts(results))


def _entry(finding: Finding, results: Results) -> dict[str, Any]:
    """Return *finding* as JSON, with the framework and the version that it is of."""
    mode = finding.backend
    place = {"backend": backend_of(mode).framework, "mode": mode}
    document = msgspec.json.decode(msgspec.json.encode(finding))  # a rate that is NaN is null
    return {**document, **place, "version": results.versions[mode]}
