"""The report as one self-contained HTML page, and as a small site of static files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrspec.bindings.backend import Backend
from lrspec.dialect.dialect import departures
from lrspec.report import payload
from lrspec.report.answers import Bite, bites, same
from lrspec.report.articles import articles, entries
from lrspec.report.groups import title_of
from lrspec.report.reference import default_of
from lrspec.report.script import asset, script
from lrspec.report.sides import (
    SITUATIONS,
    SPECIFICATION,
    Side,
    Subject,
    compared,
    side,
    specified,
    subjects,
)
from lrspec.report.sources import Code, runs_by_text, sources
from lrspec.report.sparkline import sparkline
from lrspec.report.summary import counts
from lrspec.report.support import STATES, support
from lrspec.report.upstream import issues
from lrspec.report.wording import FILTERS
from lrspec.verdict.results import Results

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Compared:
    """One subject with what each side does with it."""

    subject: Subject
    sides: Mapping[str, Side]

    @cached_property
    def bites(self) -> dict[tuple[str, str], list[Bite]]:
        """The differences of each pair of sides that both have the subject."""
        able = {name: side for name, side in self.sides.items() if not side.unsupported}
        return {
            (a, b): bites(self.subject, of, to)
            for a, of in able.items()
            for b, to in able.items()
            if a != b != SPECIFICATION
        }

    @property
    def sparkline(self) -> str:
        """The specified curve."""
        plain = self.sides[SPECIFICATION].plain
        if plain is None:
            return ""
        label = f"rate of {self.subject.title} over {len(plain.t):,} updates"
        return sparkline({"spec": plain.rates[:, 0]}, plain.t, label, [self.subject.steps[0]])


def page(results: Results, of: Sequence[Subject] | None = None) -> str:
    """Return the text of `index.html`, which depends on *results* only.

    It compares the frameworks on the subjects *of*, by default on all.
    """
    frameworks = compared()
    chosen = subjects() if of is None else of
    context = _context(results, frameworks, [_compared(one, frameworks) for one in chosen])
    return _environment().get_template("page/index.html.j2").render(**_assets(), **context)


def site(results: Results) -> dict[str, str]:
    """Return the files of the site by their paths: the page, and one page per departure."""
    environment = _environment()
    template = environment.get_template("page/departure_page.html.j2")
    files = {"index.html": page(results)}
    for article in articles(results):
        files[f"departures/{article.id}.html"] = template.render(article=article, **_assets())
    return files


def _context(
    results: Results, frameworks: Sequence[Backend], found: Sequence[Compared]
) -> dict[str, Any]:
    """Return what the templates show."""
    runs = runs_by_text(results)
    code = {one.subject.id: sources(one.subject, one.sides, results, runs) for one in found}
    versions = {backend.name: _version(backend, results) for backend in frameworks}
    tested = [(name, title_of(name), version) for name, version in results.versions.items()]
    return {
        "tested": tested,
        "absent": [title for _, title, version in tested if version is None],
        "unpredicted": sum(f.verdict == "unpredicted" for f in results.findings),
        "counts": counts(results),
        "sides": {SPECIFICATION: "the specification", **versions},
        "targets": versions,
        "situations": SITUATIONS,
        "found": found,
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


def _compared(subject: Subject, frameworks: Sequence[Backend]) -> Compared:
    sides = {backend.name: side(subject, backend) for backend in frameworks}
    return Compared(subject, {SPECIFICATION: specified(subject), **sides})


def _version(backend: Backend, results: Results) -> str:
    """Return the title of *backend* with the version that was run, or else the pinned one."""
    version = results.versions.get(backend.name) or backend.pins[0].partition("==")[2]
    return f"{backend.title} {version}"


def _data(
    found: Sequence[Compared], code: Mapping[str, Mapping[str, Code]], versions: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "sides": {SPECIFICATION: "the specification", **versions},
        "situations": SITUATIONS,
        "schedules": payload.schedule_documents(),
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
