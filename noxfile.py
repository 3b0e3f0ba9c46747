"""Development sessions: `nox --list` prints them, `nox -s NAME` runs one."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
BACKENDS = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "backends").glob("*/backend.json"))
]

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["conformance", "tests"]
nox.options.reuse_existing_virtualenvs = True


def installed(environment: Path, requirements: str) -> bool:
    """Return whether *environment* was made from these *requirements*."""
    stamp = environment / "installed"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == requirements


def mark_installed(environment: Path, requirements: str) -> None:
    """Record that *environment* was made from *requirements*."""
    (environment / "installed").write_text(requirements, encoding="utf-8")


def install(session: nox.Session, *extras: str) -> None:
    """Install lrspec with *extras*, unless that was done for the present pyproject.toml."""
    environment = Path(session.virtualenv.location)
    requirements = f"{extras}\n{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')}"
    if not installed(environment, requirements):
        session.install("-e", f".[{','.join(extras)}]")
        mark_installed(environment, requirements)


def make_environment(session: nox.Session, backend: dict[str, str]) -> None:
    """Make the environment of one framework, unless it is there with the present pins.

    A failure is only a warning here: the suite names the missing framework and fails.
    """
    pins = ROOT / "backends" / backend["name"] / "requirements.txt"
    requirements = f"Python {backend['python']}\n{pins.read_text(encoding='utf-8')}"
    environment = ROOT / ".nox" / f"backend-{backend['name']}"
    if installed(environment, requirements):
        return
    shutil.rmtree(environment, ignore_errors=True)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    make = (sys.executable, "-m", "virtualenv", "-q", "--python", backend["python"], environment)
    try:
        session.run(*map(str, make), external=True)
        session.run(str(python), "-m", "pip", "install", "-q", "-r", str(pins), external=True)
    except nox.command.CommandFailed:
        shutil.rmtree(environment, ignore_errors=True)
        needs = f"Python {backend['python']} and the packages in {pins.relative_to(ROOT)}"
        session.warn(f"{backend['title']} is left out: it needs {needs}")
    else:
        mark_installed(environment, requirements)


def in_frameworks(session: nox.Session, *arguments: str, extras: str = "conformance") -> None:
    """Make the framework environments, then run pytest with *arguments*."""
    install(session, *extras.split())
    for backend in BACKENDS:
        make_environment(session, backend)
    session.run("python", "-m", "pytest", "-q", *arguments, *session.posargs)


@nox.session(python=False)
def environments(session: nox.Session) -> None:
    """Make the environment of every framework and stop."""
    for backend in BACKENDS:
        make_environment(session, backend)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run every case in every framework and write reports/ (--shard I/N: a part of it)."""
    junit = () if session.posargs else ("--junitxml=reports/junit.xml",)
    in_frameworks(session, "conformance/test_conformance.py", *junit)


@nox.session
def port(session: nox.Session) -> None:
    """Port every case to every framework and back, run them, and write port.md and ports.json."""
    names = ("port", "originals", "round_trip", "live", "plateau", "port_in_mid_run", "check")
    more = ("read_and_run", "static_reading", "commands", "page_ports")
    suites = [f"conformance/test_{name}.py" for name in (*names, *more)]
    in_frameworks(session, *suites, extras="conformance types")


@nox.session
def reproducers(session: nox.Session) -> None:
    """Run each script of the last report and of reports/findings/ in its framework."""
    in_frameworks(session, "conformance/reproducers")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Run random recipes in random scenarios; each run must be as predicted (--runs N --seed S)."""
    install(session, "conformance")
    for backend in BACKENDS:
        make_environment(session, backend)
    session.run("python", "conformance/fuzz.py", *session.posargs)


@nox.session(name="fuzz-ports")
def fuzz_ports(session: nox.Session) -> None:
    """Port random recipes; each port must follow its original's run (--recipes N --seed S)."""
    install(session, "conformance")
    for backend in BACKENDS:
        make_environment(session, backend)
    session.run("python", "conformance/fuzz_ports.py", *session.posargs)


@nox.session
def versions(session: nox.Session) -> None:
    """Run the suite in every release of PyTorch, whose schedulers are downloaded (torch==2.3.1)."""
    install(session, "conformance")
    for backend in BACKENDS:
        make_environment(session, backend)
    session.run("python", "conformance/download_releases.py")
    session.run("python", "conformance/run_releases.py", *session.posargs)


@nox.session(name="record-versions")
def record_versions(session: nox.Session) -> None:
    """Record the last run in every release, for the tests that need no framework."""
    install(session, "conformance")
    session.run("python", "tests/record_releases.py")


@nox.session(name="framework-mutants")
def framework_mutants(session: nox.Session) -> None:
    """Change the frameworks' own schedulers, one place at a time: the suite must notice."""
    install(session, "conformance")
    for backend in BACKENDS:
        make_environment(session, backend)
    session.run("python", "conformance/framework_mutants.py", *session.posargs)


@nox.session
def robustness(session: nox.Session) -> None:
    """Give everything that takes input hostile ones, and kill runs (--inputs N --seed S)."""
    install(session, "test")
    session.run("python", "conformance/robustness.py", *session.posargs)
    session.run("python", "conformance/kills.py")


@nox.session(name="own-mutants")
def own_mutants(session: nox.Session) -> None:
    """Change lrspec itself, one place at a time: the tests must notice (--sample N --part NAME)."""
    install(session, "test")
    session.run("python", "conformance/own_mutants.py", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure the branches of src/ that the tests run, workers included; 95 % are required."""
    install(session, "test")
    session.install("-q", "coverage>=7.10")
    session.run("coverage", "run", "-m", "pytest", "-q", *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report", "--fail-under", "95")


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel and the source archive twice: they must have the same bytes."""
    session.install("-q", "build")
    builds = [Path(session.create_tmp()) / name for name in ("first", "second")]
    for folder in builds:
        shutil.rmtree(folder, ignore_errors=True)
        source = ("-o", str(folder), str(ROOT))
        session.run("python", "-m", "build", *source, env={"SOURCE_DATE_EPOCH": "1700000000"})
    first, second = ({f.name: f.read_bytes() for f in sorted(b.iterdir())} for b in builds)
    if first != second:
        session.error(f"not reproducible: {[n for n in first if first[n] != second.get(n)]}")


@nox.session
def audit(session: nox.Session) -> None:
    """Print the licences of all dependencies, and look for known vulnerabilities in them."""
    session.install("-q", ".[all]", "pip-licenses", "pip-audit")
    session.run("pip-licenses", "--format=markdown", "--order=license")
    session.run("pip-audit", "--skip-editable", "--strict", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests that need no framework, lint and types (tox.ini says what runs where)."""
    session.install("-q", "tox")
    # pyenv shows only its active Pythons on the path.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    pythons = [str(python) for python in pyenv.glob("versions/3.1?.*/bin/python")]
    discover = ("--discover", *pythons) if pythons else ()
    session.run("tox", "run-parallel", *discover, *session.posargs)


@nox.session
def page(session: nox.Session) -> None:
    """Test the page in headless Chromium, as a person uses it (needs `chromium` and `npm`).

    The types and the style of its script are checked first.
    """
    tools = "conformance/browser/javascript"
    npm = ("npm", "install", "--prefix", tools, "--no-package-lock", "--no-audit", "--no-fund")
    session.run(*npm, "--silent", external=True)
    session.run(f"{tools}/node_modules/.bin/tsc", "--project", tools, external=True)
    modules = sorted(
        [*ROOT.glob("src/lrspec/report/assets/*.mjs"), *ROOT.glob("backends/*/*/*.mjs")]
    )
    eslint = (f"{tools}/node_modules/.bin/eslint", "--config", f"{tools}/eslint.config.mjs")
    session.run(*eslint, "--max-warnings", "0", *map(str, modules), external=True)
    install(session, "page")
    session.run("python", "-m", "pytest", "-q", "conformance/browser", *session.posargs)


@nox.session
def callbacks(session: nox.Session) -> None:
    """Test the callbacks in training runs of Lightning and transformers."""
    install(session, "callbacks")
    session.run("python", "-m", "pytest", "-q", "conformance/callbacks", *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """Write the last run's report as a site of static files, reports/site/."""
    install(session, "report")
    session.run("lrspec", "report", "--site", "reports/site", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Write every generated file: the recipe schema, the generated cases, the ids, the index."""
    install(session, "report")
    session.run("python", "spec/checks/generate.py")


@nox.session
def shrink(session: nox.Session) -> None:
    """Write the shortest case that shows each departure of the last conformance run."""
    install(session, "conformance")
    session.run("python", "conformance/write_shrunk.py")


@nox.session
def record(session: nox.Session) -> None:
    """Record the last conformance run, for the tests that need no framework."""
    install(session, "conformance")
    session.run("python", "tests/record.py")
    session.run("python", "tests/record_descriptions.py")


@nox.session
def precision(session: nox.Session) -> None:
    """Measure the errors of the engine and of each framework for docs/precision.md."""
    install(session, "test")
    for backend in BACKENDS:
        make_environment(session, backend)
    if not session.posargs:
        session.run("python", "spec/checks/accuracy.py", "--recipes", "100000", "--jobs", "2")
    session.run("python", "conformance/precision.py", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Print the benchmarks: ratios of two times, and the mutants that each check detects."""
    install(session, "test", "peers")
    for script in session.posargs or sorted(map(str, (ROOT / "benchmarks").glob("*.py"))):
        session.run("python", script)
