"""The ports that the report's page offers are certified in their frameworks: `reports/ports.json`."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrspec.bindings.backend import frameworks
from lrspec.report.comparison import comparisons
from lrspec.report.ports import FILE, CertifiedPort, certified, departing, read, text_of
from lrspec.report.sides import SPECIFICATION
from lrspec.verdict.files import write

#: PyTorch differs from the specification in one update of 20,000. A port of its recurrence to Paddle
#: divides by zero at step 93,601, and OneFlow's classes raise.
WITHOUT = {("convnext-t", "torch")}


@pytest.fixture(scope="module")
def every(request: pytest.FixtureRequest) -> list[CertifiedPort]:
    """Every port of the page; the file is written too."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        found = certified(comparisons(), frameworks().values())
    write(Path(request.config.getoption("--reports")) / FILE, text_of(found))
    return found


def test_each_port_was_run_in_its_framework(every: list[CertifiedPort]):
    assert [one for one in every if not one.certified] == []


def test_each_recipe_has_a_port_to_each_framework(every: list[CertifiedPort]):
    wanted = {(c.subject.id, name) for c in comparisons() for name in frameworks()}
    assert wanted == {(p.subject, p.backend) for p in every if p.origin == SPECIFICATION}


def test_what_departs_in_a_framework_has_ports_that_depart_with_it(every: list[CertifiedPort]):
    departs = {(c.subject.id, name) for c in comparisons() for name in departing(c)}
    assert ("noam", "paddle") in departs  # Paddle's NoamDecay starts at a rate of 0
    others = {(p.subject, p.origin) for p in every if p.origin != SPECIFICATION}
    assert departs - others == WITHOUT


@pytest.mark.usefixtures("every")
def test_the_file_is_read_back(request: pytest.FixtureRequest):
    known = read(Path(request.config.getoption("--reports")) / FILE)
    for one in comparisons():
        for name in frameworks():
            assert SPECIFICATION in known.of(one.subject.id, name, one.subject.recipe)
