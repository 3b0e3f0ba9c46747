"""The support table: the state of each cell, the worst first."""

from __future__ import annotations

import msgspec
import pytest
from recordings import VERSIONS, observations, runs

from lrspec.report.support import STATES, support
from lrspec.suite.findings import results_of
from lrspec.suite.run import Observations
from lrspec.verdict.results import Results


@pytest.fixture(scope="module")
def found() -> Results:
    return results_of(runs(), Observations(observations(), VERSIONS))


def test_a_row_has_a_cell_for_each_backend_and_the_worst_rows_come_first(found: Results):
    rows = support(found)
    order = list(STATES)
    worst = [min(order.index(cell.state) for cell in cells) for _, cells in rows]
    assert worst == sorted(worst)
    assert all(len(cells) == len(VERSIONS) for _, cells in rows)


def test_a_cell_names_the_departures_of_its_runs(found: Results):
    for kind, cells in support(found):
        for backend, cell in zip(found.versions, cells, strict=True):
            departing = {
                f.departures[0]
                for f in found.findings
                if (f.schedule, f.backend, f.verdict) == (kind, backend, "departs")
            }
            assert {note.id for note in cell.notes} == departing
            assert (cell.state == "conforms") <= (not departing)


def test_a_run_that_is_not_as_predicted_makes_its_cell_the_worst(found: Results):
    changed = [f for f in found.findings if f.schedule == "step" and f.backend == "torch"]
    broken = msgspec.structs.replace(changed[0], verdict="unpredicted")
    kind, cells = support(Results(found.versions, [*found.findings, broken]))[0]
    assert kind == "step"
    assert cells[list(found.versions).index("torch")].state == "unpredicted"
