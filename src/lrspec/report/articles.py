"""What the page says of each departure, and of each schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrspec.bindings.backend import backends, frameworks
from lrspec.dialect.dialect import Departure, dialect_of
from lrspec.errors import BadInput
from lrspec.report.groups import Group, groups
from lrspec.report.reference import FrameworkClass, formulas, framework_classes
from lrspec.report.sides import Subject
from lrspec.report.sparkline import sparkline
from lrspec.scenario.builders import LONGEST
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.spec.schedule import Schedule, schedules
from lrspec.suite.cases import Case
from lrspec.suite.findings import predicted
from lrspec.suite.plan import plan
from lrspec.verdict.results import Finding, Results


@dataclass(frozen=True)
class Article:
    """One departure: what is known of it, and the runs that show it, the shortest as an example."""

    id: str
    title: str
    departure: Departure
    runs: int
    example: Finding | None
    recipe: str
    curve: str
    others: Sequence[Finding] = ()

    @property
    def right(self) -> str:
        """Which side is right, as a sentence."""
        return self.departure.judgement


@dataclass(frozen=True)
class Entry:
    """One schedule: its formulas as MathML, the frameworks' classes, the recipes that use it."""

    schedule: Schedule
    formulas: Sequence[str]
    classes: Sequence[FrameworkClass]
    recipes: Sequence[tuple[str, str]]


def articles(results: Results) -> list[Article]:
    """Return every known departure, those with the largest differences first."""
    shown = {group.name: group for group in groups(results, "departs")}
    known = [
        (name, departure, backend.title)
        for backend in frameworks().values()
        if (dialect := dialect_of(backend))
        for name, departure in dialect.departures.items()
    ]
    found = [_article(name, departure, title, shown.get(name)) for name, departure, title in known]
    return sorted(found, key=lambda article: (-_size(article), article.id))


def _size(article: Article) -> float:
    """Return the largest error of the example; a run that ends early is worst."""
    example = article.example
    if example is None:
        return -1.0
    size = example.max_rel_error
    return 1e9 if size is None else size


def _article(name: str, departure: Departure, framework: str, group: Group | None) -> Article:
    if group is None:
        return Article(name, framework, departure, 0, None, "", "")
    example = group.example
    runs, others = len(group.findings), group.others[:12]
    return Article(
        name, group.title, departure, runs, example, group.recipe, _curve(example), others
    )


def _curve(finding: Finding) -> str:
    """Return the specified and the predicted curve of the run, "" if it cannot be repeated."""
    backend = backends().get(finding.backend)
    if backend is None:
        return ""
    try:
        recipe = from_dict(dict(finding.recipe))
    except BadInput:  # not a recipe any more, or never one
        return ""
    case = Case(finding.case, "", recipe)
    selector = str(finding.run.scenario.selector)
    runs = plan([case], [backend], [selector], min(max(finding.updates, 1), LONGEST))
    wanted = (finding.argument_form, finding.scenario)
    for run in runs:
        if (run.argument_form, str(run.scenario.id)) == wanted and run.emitted is not None:
            prediction = predicted(run)
            if prediction is None or not len(prediction.rates):
                return ""
            lines = {"spec": run.scenario.expected[:, 0], backend.framework: prediction.rates[:, 0]}
            rows = [float(row) for row in range(len(run.scenario.t))]
            label = f"specification and {backend.title}, {finding.scenario}"
            return sparkline(lines, rows, label)
    return ""


def entries(subjects: Iterable[Subject]) -> list[Entry]:
    """Return every schedule with the published recipes, of *subjects*, that use it."""
    uses: Mapping[str, list[tuple[str, str]]] = {kind: [] for kind in schedules()}
    for subject in subjects:
        if subject.published:
            for kind in _kinds(subject.recipe):
                uses[kind].append((subject.id, subject.title))
    return [
        Entry(schedule, formulas(schedule), framework_classes(schedule), uses[kind])
        for kind, schedule in schedules().items()
    ]


def _kinds(recipe: Recipe) -> dict[str, Any]:
    return dict.fromkeys(
        [recipe.kind, *(kind for member in recipe.members() for kind in _kinds(member))]
    )
