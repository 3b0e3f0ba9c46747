"""Every case is ported to every framework, certified there, and ported back.

`reports/port.md` has the results: schedule × framework, how often each style was chosen, and why.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import BackendAbsent, Unsupported
from lrspec.port.certificate import MAX_ULP
from lrspec.port.equivalence import ReadBack
from lrspec.port.port import port, ports
from lrspec.port.report import report, round_trip_report
from lrspec.port.result import Port
from lrspec.port.round_trip import RoundTrip, Route, read_back_ports, round_trips
from lrspec.runtime.interpreter import interpreter
from lrspec.spec import recipe
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import Case, cases
from lrspec.verdict.files import write

FRAMEWORKS = tuple(frameworks())
#: The cases that are lost when they are read back from a framework, and why.
LOST = {
    ("constant/example+group", "paddle"): "it is PiecewiseDecay, whose values are rates: only the "
    "optimizer knows that one group has a tenth of them",
}
Ported = Mapping[tuple[str, str], Port | Unsupported]


def cases_and_groups() -> list[Case]:
    """Return every case of the suite, and each representative one with a second group too."""
    grouped = []
    for case in cases():
        if case.representative and case.recipe.single:
            base = case.recipe.bases[0]
            recipe = case.recipe.with_base(base, base / 10)
            grouped.append(replace(case, id=f"{case.id}+group", recipe=recipe))
    return [*cases(), *grouped]


CASES = cases_and_groups()


@pytest.fixture(scope="session")
def every_port(request: pytest.FixtureRequest) -> Ported:
    """The port of every case to every framework; the report is written too."""
    wanted = [(case, backend_of(name)) for case in CASES for name in FRAMEWORKS]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        results = ports(wanted, brief=True, ulp=MAX_ULP)
    rows = [(case, backend, port) for (case, backend), port in zip(wanted, results, strict=True)]
    write(report_path(request.config), report(rows))
    return {(case.id, backend.name): port for case, backend, port in rows}


def report_path(config: pytest.Config) -> Path:
    return Path(config.getoption("--reports")) / "port.md"


@pytest.fixture(scope="session")
def read(every_port: Ported) -> Mapping[tuple[str, str], ReadBack]:
    """What is read of each port in its framework."""
    return read_back_ports(CASES, every_port)


@pytest.fixture(scope="session")
def trips(
    request: pytest.FixtureRequest, every_port: Ported, read: Mapping[tuple[str, str], ReadBack]
) -> Mapping[Route, RoundTrip]:
    """How each case comes back to A after B; the report is written too."""
    results = round_trips(CASES, every_port, read)
    path = report_path(request.config)
    write(path, f"{path.read_text(encoding='utf-8')}\n{round_trip_report(results)}")
    return results


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_ported_and_certified(case: Case, framework: str, every_port: Ported):
    ported = every_port[case.id, framework]
    assert isinstance(ported, Port), ported
    certificate = ported.certificate
    assert certificate.version is not None, certificate.text
    assert certificate.checked_by == "framework"
    assert not certificate.diverges, certificate.text
    assert certificate.updates > 0
    assert certificate.max_ulp_error is not None
    assert certificate.max_ulp_error <= MAX_ULP


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_schedule_has_standalone_source_that_conforms(framework: str):
    """Also where native source conforms, so that no standalone source is printed that was not run."""
    wanted = [(case, backend_of(framework)) for case in CASES if case.representative]
    results = ports(wanted, standalone=True)
    wrong = {
        case.id: port.certificate.text if isinstance(port, Port) else str(port)
        for (case, _), port in zip(wanted, results, strict=True)
        if not isinstance(port, Port) or port.style != "standalone" or port.certificate.diverges
    }
    assert not wrong
    assert {case.recipe.kind for case, _ in wanted} == set(schedules())


def test_a_certificate_for_a_static_program_leaves_groups_out_and_says_so():
    """A second group differs in every such program: it is no reason against a class."""
    ported = port(recipe.load("restarts-doubling"), "paddle-static")
    assert (ported.style, ported.certificate.diverges) == ("standalone", False)
    assert "resume_state@9:right" in ported.certificate.scenarios
    assert "not under groups: a group's learning_rate is a float32" in ported.certificate.text


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_port_is_read_back_as_its_recipe(framework: str, read):
    wrong = {
        case: f"{answer.outcome}: {answer.reason}"
        for (case, name), answer in read.items()
        if name == framework and answer.outcome not in ("same", "same rates")
    }
    assert wrong == {}
    assert sum(name == framework for _, name in read) == len(CASES)


@pytest.mark.parametrize("home", FRAMEWORKS)
@pytest.mark.parametrize("away", FRAMEWORKS)
def test_a_round_trip_gives_the_same_trace(home: str, away: str, trips):
    if home == away:
        assert not any(route[1:] == (home, away) for route in trips)
        return
    outcomes = {route: trip for route, trip in trips.items() if route[1:] == (home, away)}
    assert len(outcomes) == len(CASES)
    lost = {route[0]: trip.reason for route, trip in outcomes.items() if trip.outcome == "lost"}
    assert set(lost) == {case for case, name in LOST if name == away}, lost


def test_the_sources_type_check_against_the_types_of_pytorch(tmp_path: Path):
    """Only PyTorch ships types; one case per schedule, in both styles."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    torch = backend_of("torch")
    try:
        python, _ = interpreter(torch)
    except BackendAbsent as absent:
        pytest.fail(str(absent), pytrace=False)
    for index, case in enumerate(case for case in CASES if case.representative):
        for form in (EXPLICIT, STANDALONE):
            try:
                source = emit(case.recipe, torch, form).text
            except Unsupported:
                continue
            (tmp_path / f"{case.recipe.kind}_{form}_{index}.py").write_text(source, "utf-8")
    wrong = "from torch.optim import SGD\n\nSGD([], learning_rate=1)\n"
    (tmp_path / "wrong.py").write_text(wrong, "utf-8")
    options = ("--check-untyped-defs", "--config-file=", "--python-executable", python)
    command = (sys.executable, "-m", "mypy", *options, "--cache-dir", str(tmp_path / "cache"))
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1, done.stdout
    assert "wrong.py:3" in errors[0], "the types of PyTorch were not used"
