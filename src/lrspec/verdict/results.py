"""Findings: the verdicts on all runs, as written to `results.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from lrspec.engine.closed_form import LAST_STEP, Rates
from lrspec.errors import BadInput
from lrspec.json_input import read_document
from lrspec.runtime.observation import Rate, Status, in_json
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.spec.origin import check_version
from lrspec.text_input import Line, Text

_BEFORE, _SHOWN = 2, 8


_Count = Annotated[int, msgspec.Meta(ge=0, le=LAST_STEP)]
_Step = _Count | Annotated[float, msgspec.Meta(ge=0, le=LAST_STEP)]
#: The verdict on a run that was made.
Verdict = Literal["conforms", "departs", "unpredicted"]


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The verdict on one run, with everything that a report shows of it.

    `verdict` is None if nothing was run. `departures` are the ids of those that take part,
    `difference` is the class of the largest error, and `form` the one that is followed where both
    are allowed and differ. `first_step` is the first of `extent` steps that differ. `steps` are the
    steps around it, with the expected and the actual values of what `of` names. The expected values
    of an unpredicted run are the prediction, otherwise the specification. `rules` are the names of
    the violated rules of the specification, the most specific first. Errors are absolute, relative
    to the peak of the expected rates, and in ULP.
    """

    case: Line
    description: Line
    recipe: Mapping[str, Any]
    schedule: Line
    backend: Line
    argument_form: Line
    scenario: Line
    status: Status
    verdict: Verdict | None
    first_step: _Step | None
    extent: _Count
    updates: _Count
    max_abs_error: float | None
    max_rel_error: float | None
    max_ulp_error: float | None
    explanation: Line
    source: Text
    reproducer: Text
    steps: Sequence[tuple[_Step, Sequence[Rate], Sequence[Rate]]]
    departures: Sequence[Line] = ()
    difference: Literal["exact", "rounding", "drift", "divergence"] | None = None
    form: Line = ""
    of: Literal["rate", "reported rate", "logged rate", "momentum"] = "rate"
    rules: Sequence[Line] = ()

    def __post_init__(self) -> None:
        _ = self.run

    @property
    def run(self) -> RunId:
        """Which run this is the verdict on."""
        scenario = ScenarioId.parse(self.scenario, "$.scenario")
        return RunId(self.case, self.backend, self.argument_form, scenario)


@dataclass(frozen=True)
class Results:
    """All findings of one run, and the version of each backend (None: absent).

    `run` is the id that the files of the run have in common: a digest of what was observed.
    `shard` is the part of the suite that was run, `2/4`, empty for the whole.
    """

    versions: Mapping[str, str | None]
    findings: Sequence[Finding]
    run: str = ""
    shard: str = ""

    def to_json(self) -> str:
        """Return the text of `results.json`."""
        backends = {name: _Backend(version) for name, version in self.versions.items()}
        head = _Document(run=self.run, shard=self.shard or msgspec.UNSET, backends=backends)
        return indented(msgspec.structs.replace(head, findings=self.findings)) + "\n"


class _Backend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Line | None

    def __post_init__(self) -> None:
        if self.version is not None:
            check_version(self.version, "$.version")


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    run: Line = ""
    shard: Line | msgspec.UnsetType = msgspec.UNSET
    backends: Mapping[Line, _Backend]
    findings: Sequence[Finding] = ()


def indented(value: Any) -> str:
    """Return *value* as JSON text with an indent of 1."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


def read(path: Path) -> Results:
    """Return the results in the file at *path*.

    Raises `BadInput` that names the file and the place where it is missing or of another form.
    """
    document = read_document(path, _Document, "the results of a run: `lrspec conform` writes them")
    for index, finding in enumerate(document.findings):
        if finding.backend not in document.backends:
            expected = f"one of {', '.join(document.backends)}"
            raise BadInput(f"$.findings[{index}].backend", finding.backend, expected, str(path))
    versions = {name: backend.version for name, backend in document.backends.items()}
    shard = "" if isinstance(document.shard, msgspec.UnsetType) else document.shard
    return Results(versions, document.findings, document.run, shard)


def window(row: int, updates: int) -> range:
    """Return the rows around *row* that a report shows, out of *updates* rows."""
    start = max(row - _BEFORE, 0)
    return range(start, min(start + _SHOWN, updates))


def shown(
    t: Sequence[float], expected: Rates, observed: Rates, row: int
) -> list[tuple[float, list[Rate], list[Rate]]]:
    """Return the steps around *row* as a report shows them: step, expected and observed rates."""
    return [
        (t[i], in_json(expected[i]), in_json(observed[i]) if i < len(observed) else [])
        for i in window(row, len(expected))
    ]
