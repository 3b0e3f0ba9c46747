"""The conformance suite: every case in every scenario on every backend, all in parallel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.cli.terminal import progress
from lrspec.errors import BadInput
from lrspec.report import markdown, page, ports, summary
from lrspec.runtime.run_id import RunId
from lrspec.suite import findings
from lrspec.suite.cases import cases
from lrspec.suite.departing import run_warning
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import Observations, observe
from lrspec.suite.shards import Shard
from lrspec.verdict.files import write
from lrspec.verdict.results import Finding, Results

_RESULTS = pytest.StashKey[Results]()
_PLANNED = pytest.StashKey[list[Run]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lrspec")
    group.addoption("--reports", default="reports", help="folder of the reports")
    group.addoption("--quick", action="store_true", help="run one case per schedule and scenario")
    group.addoption("--shard", metavar="I/N", help="run part I of N; `lrspec report` merges them")
    group.addoption("--leave-out", action="append", default=[], help="a backend to leave out")


def pytest_report_header(config: pytest.Config) -> list[str]:
    left_out = config.getoption("--leave-out")
    lines = [f"left out: {', '.join(left_out)}"] if left_out else []
    if config.getoption("--quick"):
        lines.append("quick: one case per schedule and scenario")
    return lines


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "run" in metafunc.fixturenames:
        metafunc.parametrize("run", supported(metafunc.config), ids=lambda run: str(run.id))
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", [backend.name for backend in wanted(metafunc.config)])


def wanted(config: pytest.Config) -> list[Backend]:
    """Return the backends that are not left out."""
    left_out = config.getoption("--leave-out")
    unknown = sorted(set(left_out) - set(backends()))
    if unknown:
        raise pytest.UsageError(f"--leave-out {unknown[0]}: one of {', '.join(backends())}")
    return [backend for name, backend in backends().items() if name not in left_out]


def planned(config: pytest.Config) -> list[Run]:
    """Return every run of the suite, or of its shard, planned once."""
    if _PLANNED not in config.stash:
        whole = plan(cases(), wanted(config), quick=config.getoption("--quick"))
        part = shard(config)
        config.stash[_PLANNED] = list(part.of(whole)) if part else whole
    return config.stash[_PLANNED]


def shard(config: pytest.Config) -> Shard | None:
    """Return the part of the suite that is run, None for the whole."""
    text = config.getoption("--shard")
    try:
        return Shard.parse(text, "--shard") if text else None
    except BadInput as error:
        raise pytest.UsageError(str(error)) from error


def supported(config: pytest.Config) -> list[Run]:
    """Return the planned runs that their backends support."""
    return [run for run in planned(config) if run.emitted is not None]


@pytest.fixture(scope="session")
def selected(request: pytest.FixtureRequest) -> list[Run]:
    """The runs that this session makes, after -k and similar options."""
    return [
        item.callspec.params["run"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and isinstance(item.callspec.params.get("run"), Run)
    ]


@pytest.fixture(scope="session")
def complete(request: pytest.FixtureRequest, selected: list[Run]) -> bool:
    """Whether this session runs the whole suite."""
    part = request.config.getoption("--quick") or request.config.getoption("--shard")
    return not part and len(selected) == len(supported(request.config))


@pytest.fixture(scope="session")
def reported(request: pytest.FixtureRequest, selected: list[Run]) -> list[Run]:
    """The runs in the report: if all are selected, also the unsupported ones."""
    whole = len(selected) == len(supported(request.config))
    return planned(request.config) if whole else selected


@pytest.fixture(scope="session")
def observed(request: pytest.FixtureRequest, reported: list[Run]) -> Observations:
    """The observations of the reported runs."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled(), progress(len(reported)) as advance:
        return observe(reported, advance=advance)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, reported: list[Run], observed: Observations) -> Results:
    """The verdicts on the reported runs; the reports are written, too."""
    part = shard(request.config)
    found = findings.results_of(reported, observed)
    if part:
        found = replace(found, shard=str(part))
    folder = Path(request.config.getoption("--reports"))
    findings.write_results(folder, reported, observed, found)
    write(folder / "divergences.md", markdown.divergences(found))
    if len(reported) == len(planned(request.config)) and not part:
        write(folder / "index.html", page.page(found, ports=ports.read(folder / ports.FILE)))
    else:  # `lrspec report` writes it for part of the suite, too
        (folder / "index.html").unlink(missing_ok=True)
    request.config.stash[_RESULTS] = found
    return found


@pytest.fixture(scope="session")
def by_run(results: Results) -> dict[RunId, Finding]:
    return {finding.run: finding for finding in results.findings}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    found = config.stash.get(_RESULTS, None)
    if found is not None:
        terminalreporter.section("conformance")
        terminalreporter.write_line(summary.table(found))
        folder = Path(config.getoption("--reports"))
        written = folder / "index.html"
        read = written if written.exists() else folder / "divergences.md"
        terminalreporter.write_line(f"read {read}")
        for name, version in found.versions.items():
            note = run_warning(backend_of(name), version) if version else ""
            if note:
                terminalreporter.write_line(f"warning: {note}")


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Fail if a backend is absent; remove times and the host from the JUnit file.

    The same run has the same report, byte for byte.
    """
    found = session.config.stash.get(_RESULTS, None)
    if found is not None and None in found.versions.values() and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield
    path = getattr(session.config.option, "xmlpath", None)
    if path and Path(path).exists():
        tree = ET.parse(path)  # noqa: S314 - pytest has just written it
        for element in tree.iter():
            for name in ("time", "timestamp", "hostname"):
                element.attrib.pop(name, None)
        write(Path(path), ET.tostring(tree.getroot(), encoding="unicode") + "\n")
