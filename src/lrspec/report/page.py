"""The report as one self-contained HTML page, and as a small site of static files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrspec.bindings.backend import Backend
from lrspec.dialect.dialect import departures
from lrspec.report import one_sentence, payload
from lrspec.report.answers import same
from lrspec.report.articles import Article, articles, entries
from lrspec.report.comparison import Comparison, comparison, comparisons
from lrspec.report.groups import title_of
from lrspec.report.ports import NO_PORTS, Ports, departing
from lrspec.report.reference import default_of
from lrspec.report.script import asset, modelled, script
from lrspec.report.sides import (
    SITUATIONS,
    SPECIFICATION,
    Subject,
    compared,
)
from lrspec.report.sources import Code, runs_by_text, sources
from lrspec.report.summary import counts
from lrspec.report.support import STATES, support
from lrspec.report.upstream import issues
from lrspec.report.wording import FILTERS
from lrspec.verdict.results import Results

if TYPE_CHECKING:
    from jinja2 import Environment


def page(results: Results, of: Sequence[Subject] | None = None, ports: Ports = NO_PORTS) -> str:
    """Return the text of `index.html`, which depends on *results* and *ports* only.

    It compares the frameworks on the subjects *of*, by default on all.
    """
    found = comparisons() if of is None else [comparison(subject) for subject in of]
    context = _context(results, found, ports)
    return _environment().get_template("page/index.html.j2").render(**_assets(), **context)


def page_of_departure(article: Article) -> str:
    """Return the page of one departure, which has an address made from its id."""
    template = _environment().get_template("page/departure_page.html.j2")
    return template.render(article=article, **_assets())


def site(results: Results, ports: Ports = NO_PORTS) -> dict[str, str]:
    """Return the files of the site by their paths: the page, and one page per departure."""
    every = {f"departures/{one.id}.html": page_of_departure(one) for one in articles(results)}
    return {"index.html": page(results, ports=ports), **every}


def _context(results: Results, found: Sequence[Comparison], ports: Ports) -> dict[str, Any]:
    """Return what the templates show."""
    runs = runs_by_text(results)
    codings = one_sentence.curves(found, results)
    code = {one.subject.id: sources(one.subject, one.sides, results, runs, ports) for one in found}
    versions = {backend.name: _version(backend, results) for backend in compared()}
    models = [backend.name for backend in compared() if backend.framework in modelled()]
    tested = [(name, title_of(name), version) for name, version in results.versions.items()]
    return {
        "tested": tested,
        "absent": [title for _, title, version in tested if version is None],
        "unpredicted": sum(f.verdict == "unpredicted" for f in results.findings),
        "counts": counts(results),
        "sides": {SPECIFICATION: "the specification", **versions},
        "targets": versions,
        "models": models,
        "situations": SITUATIONS,
        "found": found,
        "codings": codings,
        "one_sentence": one_sentence.picture(codings),
        "steps_of_codings": one_sentence.STEPS,
        "kinds": {one.subject.id: one for one in found if not one.subject.published},
        "code": code,
        "pairs": [(a, b) for a in (SPECIFICATION, *versions) for b in versions if a != b],
        "same": same,
        "support": support(results),
        "states": STATES,
        "entries": entries([one.subject for one in found]),
        "articles": articles(results),
        "upstream": issues(results),
        "data": payload.in_script(_data(found, code, versions)),
    }


def _version(backend: Backend, results: Results) -> str:
    """Return the title of *backend* with the version that was run, or else the pinned one."""
    version = results.versions.get(backend.name) or backend.version
    return f"{backend.title} {version}"


def _data(
    found: Sequence[Comparison], code: Mapping[str, Mapping[str, Code]], versions: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "sides": {SPECIFICATION: "the specification", **versions},
        "situations": SITUATIONS,
        "versions": {b.framework: b.pins[0].partition("==")[2] for b in compared()},
        **payload.models(),
        "departures": {
            name: {"cause": departure.cause, "do": departure.do, "right": departure.right}
            for name, departure in departures().items()
        },
        "subjects": [
            {
                "id": one.subject.id,
                "title": one.subject.title,
                "published": one.subject.published,
                "steps": one.subject.steps[0],
                "recipe": {k: v for k, v in one.subject.recipe.to_dict().items() if k != "about"},
                "unsupported": {n: s.unsupported for n, s in one.sides.items() if s.unsupported},
                "bites": {
                    f"{a}>{b}": [payload.bite_document(bite) for bite in found]
                    for (a, b), found in one.bites.items()
                    if found
                },
                "departing": departing(one),
                "code": {n: payload.code_document(c) for n, c in code[one.subject.id].items()},
                "curves": payload.curves(one.subject, one.sides),
            }
            for one in found
        ],
    }


def _assets() -> dict[str, Any]:
    """Return the texts of the page's own files."""
    return {
        "css": asset("page.css"),
        "plot_css": asset("uPlot.min.css"),
        "licences": {"uPlot": asset("uPlot.LICENSE")},
        "libraries": [asset("uPlot.iife.min.js")],
        "script": script(),
    }


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - an extra

    environment = Environment(
        loader=PackageLoader("lrspec.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    environment.filters["default_of"] = default_of
    return environment
