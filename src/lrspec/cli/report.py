"""`lrspec report`: a page and a short Markdown report on the results of the last run."""

from __future__ import annotations

from pathlib import Path

import click

from lrspec.cli import options
from lrspec.report import markdown, page, ports
from lrspec.report.groups import title_of
from lrspec.report.summary import counts
from lrspec.runtime.records import check_run
from lrspec.suite.shards import merge
from lrspec.verdict.files import write
from lrspec.verdict.results import read


@click.command("report")
@click.argument("shards", nargs=-1, metavar="[SHARD ...]")
@options.output("Folder of the results.")
@click.option("--site", metavar="FOLDER", help="Also write a site of static files into FOLDER.")
def command(shards: tuple[str, ...], output: str, site: str | None) -> None:
    """Write a page and a Markdown report on the last run.

    They are generated from DIR/results.json, and the ports of `nox -s port` in DIR/ports.json if it
    is there, and written to DIR/index.html, one self-contained file,
    and to DIR/divergences.md; no framework is needed. Files of different runs are rejected. The
    site has the page, and one page per departure.

    With SHARD, the folders of a suite that was run in parts, their results and traces are merged
    into DIR first.
    """
    folder = Path(output)
    if shards:
        merge([Path(shard) for shard in shards], folder)
    results = read(folder / "results.json")
    check_run(folder, results.run)
    files = page.site(results, ports.read(folder / ports.FILE))
    write(folder / "divergences.md", markdown.divergences(results))
    write(folder / "index.html", files["index.html"])
    if site is not None:
        for name, text in files.items():
            write(Path(site) / name, text)
    click.echo(folder / "index.html")
    of = ", ".join(f"{title_of(name)} {v or 'absent'}" for name, v in results.versions.items())
    click.echo(f"run {results.run}: {of}; {counts(results)}", err=True)
