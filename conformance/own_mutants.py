"""Mutants of lrspec itself: do the tests notice? nox -s own-mutants.

One place of a module is changed in a copy of the sources, and the tests of that module are run until
one fails. `--sample N` tries N mutants of each part, chosen by `--seed`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

from source_mutants import Mutant, mutants

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "lrspec"
#: Each part: its modules, and the tests that are run, the quick ones first.
PARTS = {
    "compare": ("verdict/compare.py", ["tests/verdict/test_compare.py", "tests/verdict"]),
    "formula": ("spec/formula/*.py", ["tests/spec", "tests/engine", "spec/checks/test_anchors.py"]),
    "engine": ("engine/*.py", ["tests/engine", "spec/checks/test_anchors.py", "tests/scenario"]),
    "dialect": ("dialect/*.py", ["tests/dialect", "tests/verdict/test_recorded.py"]),
}
_LINKED = ("spec", "backends", "conformance", "tests")
_LEFT_OUT = "not mutants"  # they run the tests of the formulas themselves, and take minutes
_SECONDS = 600
Changed = tuple[Path, Mutant]


def every(pattern: str) -> list[Changed]:
    """Return each mutant of the modules that match *pattern*, with its module."""
    paths = [path for path in sorted(SOURCE.glob(pattern)) if path.name != "__init__.py"]
    return [(path, m) for path in paths for m in mutants(path.read_text(), public=True)]


def copy(folder: Path) -> None:
    """Make *folder* a checkout whose sources are a copy, so that they can be changed."""
    for name in _LINKED:
        (folder / name).symlink_to(ROOT / name)
    subprocess.run(["cp", "-r", str(ROOT / "src"), str(folder / "src")], check=True)  # noqa: S607


def survives(folder: Path, changed: Changed, tests: list[str]) -> bool:
    """Return whether all *tests* pass with a mutant in the sources in *folder*."""
    path, mutant = changed
    copied = folder / "src" / path.relative_to(ROOT / "src")
    original = copied.read_text()
    copied.write_text(mutant.text)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-k", _LEFT_OUT, *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return not subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=_SECONDS, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return False
    finally:
        copied.write_text(original)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=PARTS, action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy(folder)
        for part in given.part or PARTS:
            pattern, tests = PARTS[part]
            found = every(pattern)
            sample = Random(given.seed).sample(found, min(given.sample, len(found)))
            survivors = 0
            for number, changed in enumerate(sample, 1):
                if survives(folder, changed, tests):
                    survivors += 1
                    where = changed[0].relative_to(SOURCE)
                    print(f"{part}: {where}: {changed[1]} survives", flush=True)  # noqa: T201
                killed = f"{number - survivors} of {number} killed ({len(found)} mutants)"
                print(f"{part}: {killed}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
