"""The work: environments, the conformance suite, the tests, the benchmarks.

nox -s conformance      every case in every framework, then reports/
nox -s port             every case written for every framework, run there and certified
nox -s tests            what needs no framework
"""

from __future__ import annotations

import hashlib
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
nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True


def install(session: nox.Session, *extras: str) -> None:
    """Install lrspec with *extras* into the session's environment, once for each pyproject.toml."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + repr(extras).encode())
    stamp = Path(session.virtualenv.location, "installed")
    if stamp.exists() and stamp.read_text() == wanted.hexdigest():
        session.log("the environment is up to date")
        return
    session.install("-e", f".[{','.join(extras)}]")
    stamp.write_text(wanted.hexdigest())


def prepare(session: nox.Session, backend: dict[str, str]) -> None:
    """Make the environment of one backend, once for each requirements.txt; say what fails.

    A backend whose environment cannot be made is not an error here: the suite finds it absent,
    names it, and is red.
    """
    requirements = ROOT / "backends" / backend["name"] / "requirements.txt"
    folder = ROOT / ".nox" / f"backend-{backend['name']}"
    stamp = folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + backend["python"].encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        session.log(f"{backend['title']}: the environment is up to date")
        return
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        virtualenv = (sys.executable, "-m", "virtualenv", "-q")  # nox brings it
        session.run(*virtualenv, "--python", backend["python"], str(folder), external=True)
        pip = (str(python), "-m", "pip", "install", "-q", "-r", str(requirements))
        session.run(*pip, external=True)
    except nox.command.CommandFailed:
        shutil.rmtree(folder, ignore_errors=True)
        session.warn(
            f"{backend['title']} needs Python {backend['python']} on the path and the packages in "
            f"{requirements.relative_to(ROOT)}: its environment could not be made"
        )
        return
    stamp.write_text(wanted)


@nox.session(python=False)
def environments(session: nox.Session) -> None:
    """Make the environment of every framework and nothing else."""
    for backend in BACKENDS:
        prepare(session, backend)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run every case in every framework and write reports/."""
    install(session, "conformance")
    for backend in BACKENDS:
        prepare(session, backend)
    junit = () if session.posargs else ("--junitxml=reports/junit.xml",)
    suite = "conformance/test_conformance.py"
    session.run("python", "-m", "pytest", suite, "-q", *junit, *session.posargs)


@nox.session
def port(session: nox.Session) -> None:
    """Port every case to every framework and back, run what was printed, write reports/port.md."""
    install(session, "conformance", "types")
    for backend in BACKENDS:
        prepare(session, backend)
    suites = [f"conformance/test_{name}.py" for name in ("port", "round_trip", "live")]
    session.run("python", "-m", "pytest", *suites, "-q", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run what needs no framework: on every Python that is here, with lint and types."""
    if not shutil.which("tox", path=session.bin):
        session.install("tox")
    # pyenv's shims show the active Pythons alone; tox takes the others by their paths.
    others = [
        str(p) for p in Path(os.environ.get("PYENV_ROOT", "/")).glob("versions/3.1?.*/bin/python")
    ]
    found = ("--discover", *others) if others else ()
    session.run("tox", "run-parallel", "--parallel", "2", *found, *session.posargs)


@nox.session
def reproducers(session: nox.Session) -> None:
    """Run the scripts of the last report, each in its framework and alone."""
    install(session, "conformance")
    session.run("python", "-m", "pytest", "conformance/reproducers", "-q", *session.posargs)


@nox.session
def shrink(session: nox.Session) -> None:
    """Shrink the divergences of the last conformance run to cases of their own."""
    install(session, "conformance")
    session.run("python", "conformance/write_shrunk.py")


@nox.session
def record(session: nox.Session) -> None:
    """Keep the last run's traces, and what schedulers hold, for tests that need no framework."""
    install(session, "conformance")
    session.run("python", "tests/record.py")
    session.run("python", "tests/record_descriptions.py")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Print the benchmarks: ratios of two things timed in one run, and the count of the mutants."""
    install(session, "test")
    for script in session.posargs or sorted(map(str, (ROOT / "benchmarks").glob("*.py"))):
        session.run("python", script)
