"""Every case in every framework: native where that is right, exact where it is not, and certified.

`reports/port.md` shows it: schedule × framework, how often each style was chosen, and why.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of, frameworks
from lrspec.codegen.emit import emit
from lrspec.errors import BackendAbsent, Unsupported
from lrspec.port.port import Port, port, ports
from lrspec.port.read_back import Trip
from lrspec.port.report import report
from lrspec.port.round_trip import Return, Way, matrix, read_back, returns
from lrspec.port.verification import MOST_ULP
from lrspec.runtime.interpreter import interpreter
from lrspec.spec import recipe
from lrspec.spec.schedule import schedules
from lrspec.suite.cases import Case, cases
from lrspec.verdict.results import write

FRAMEWORKS = tuple(frameworks())
#: What does not come back by way of a framework, though it runs there as it should, and why.
LOST = {
    ("constant/example+group", "paddle"): "it is PiecewiseDecay, whose values are rates: that a "
    "group has a tenth of them stands in the optimizer alone, and is not said of any rate",
}
Ported = Mapping[tuple[str, str], Port | Unsupported]


def asked() -> list[Case]:
    """Return every case of the suite, and each representative one with a second group."""
    found = list(cases())
    for case in cases():
        if case.representative and case.recipe.single:
            base = case.recipe.bases[0]
            grouped = case.recipe.with_base(base, base / 10)
            found.append(replace(case, id=f"{case.id}+group", recipe=grouped))
    return found


CASES = asked()


@pytest.fixture(scope="session")
def every_port(request: pytest.FixtureRequest) -> Ported:
    """The port of every case to every framework; the report is written on the way."""
    wanted = [(case, backend_of(name)) for case in CASES for name in FRAMEWORKS]
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        found = ports(wanted, brief=True, ulp=MOST_ULP)
    named = [(case, backend, port) for (case, backend), port in zip(wanted, found, strict=True)]
    write(page(request.config), report(named))
    return {(case.id, backend.name): port for case, backend, port in named}


def page(config: pytest.Config) -> Path:
    """Return where the report goes."""
    return Path(config.getoption("--reports")) / "port.md"


@pytest.fixture(scope="session")
def trips(every_port: Ported) -> Mapping[tuple[str, str], Trip]:
    """What is read of each printed source in its framework."""
    return read_back(CASES, every_port)


@pytest.fixture(scope="session")
def ways(
    request: pytest.FixtureRequest, every_port: Ported, trips: Mapping[tuple[str, str], Trip]
) -> Mapping[Way, Return]:
    """How each case comes back to A by way of B; the report is written on the way."""
    found = returns(CASES, every_port, trips)
    path = page(request.config)
    write(path, f"{path.read_text(encoding='utf-8')}\n{matrix(found)}")
    return found


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_ported_and_certified(case: Case, framework: str, every_port: Ported):
    found = every_port[case.id, framework]
    assert isinstance(found, Port), found
    certificate = found.certificate
    assert certificate.version is not None, certificate.text
    assert certificate.checked_by == "framework"
    assert not certificate.diverges, certificate.text
    assert certificate.updates > 0
    assert certificate.max_ulp_error is not None
    assert certificate.max_ulp_error <= MOST_ULP


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_schedule_is_exact_where_that_is_asked_for(framework: str):
    """Also where native classes are right, so that no exact source is printed that was not run."""
    asked_for = [(case, backend_of(framework)) for case in CASES if case.representative]
    found = ports(asked_for, standalone=True)
    wrong = {
        case.id: port.certificate.text if isinstance(port, Port) else str(port)
        for (case, _), port in zip(asked_for, found, strict=True)
        if not isinstance(port, Port) or port.style != "standalone" or port.certificate.diverges
    }
    assert not wrong
    assert {case.recipe.kind for case, _ in asked_for} == set(schedules())


def test_a_static_program_restarts_where_it_was_saved_and_says_what_its_groups_cannot():
    """A second group is off in every such program, and no reason to print what forgets its cycle."""
    found = port(recipe.load("restarts-doubling"), "paddle-static")
    assert (found.style, found.certificate.diverges) == ("standalone", False)
    assert "resume_state@9:right" in found.certificate.scenarios
    assert "not under groups: a group's learning_rate is a float32" in found.certificate.text


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_was_printed_is_read_as_what_it_says(framework: str, trips):
    wrong = {
        case: f"{trip.outcome}: {trip.reason}"
        for (case, name), trip in trips.items()
        if name == framework and trip.outcome not in ("same", "other words")
    }
    assert wrong == {}
    assert sum(name == framework for _, name in trips) == len(CASES)


@pytest.mark.parametrize("home", FRAMEWORKS)
@pytest.mark.parametrize("away", FRAMEWORKS)
def test_a_port_there_and_back_gives_the_same_trace(home: str, away: str, ways):
    if home == away:
        assert not any(way[1:] == (home, away) for way in ways)
        return
    mine = {way: told for way, told in ways.items() if way[1:] == (home, away)}
    assert len(mine) == len(CASES)
    lost = {way[0]: told.reason for way, told in mine.items() if told.outcome == "lost"}
    assert set(lost) == {case for case, name in LOST if name == away}, lost


def test_the_sources_type_check_against_pytorchs_own_types(tmp_path: Path):
    """PyTorch alone of the three ships types; one case a schedule, in both styles."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    torch = backend_of("torch")
    try:
        python, _ = interpreter(torch)
    except BackendAbsent as absent:
        pytest.fail(str(absent), pytrace=False)
    for index, case in enumerate(case for case in CASES if case.representative):
        for style in ("native", "standalone"):
            try:
                source = emit(case.recipe, torch, style).text
            except Unsupported:
                continue
            (tmp_path / f"{case.recipe.kind}_{style}_{index}.py").write_text(source, "utf-8")
    wrong = "from torch.optim import SGD\n\nSGD([], learning_rate=1)\n"
    (tmp_path / "wrong.py").write_text(wrong, "utf-8")
    options = ("--check-untyped-defs", "--config-file=", "--python-executable", python)
    command = (sys.executable, "-m", "mypy", *options, "--cache-dir", str(tmp_path / "cache"))
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1, done.stdout
    assert "wrong.py:3" in errors[0], "the types of PyTorch were not seen"
