"""docs/speed.md has the numbers of the stored benchmark."""

from __future__ import annotations

import importlib.util
import re
import sys

from lrspec import resources

ROOT = resources.root()
TEXT = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
STORED = resources.read_json(ROOT / "benchmarks" / "engine.json")


def benchmark():
    """Return the module `benchmarks/engine.py`, which is no part of a package."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        spec = importlib.util.spec_from_file_location("engine", ROOT / "benchmarks" / "engine.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


def test_the_tables_are_those_of_the_stored_run():
    tables = benchmark().tables(STORED)
    assert re.findall(r"(?:^\|.*\|\n)+", TEXT, re.MULTILINE) == [f"{table}\n" for table in tables]


def test_the_other_numbers_are_those_of_the_stored_run():
    start, memory = STORED["start"], STORED["memory_mib"]
    stated = {
        f"takes {start['import lrspec']:g} times as long as `import numpy`",
        f"`lrspec trace` of a small recipe {start['lrspec trace']:g} times",
        f"{memory['trace']:g} MiB more than its result",
        f"{memory['blocks']:g} MiB in all",
    }
    plain = " ".join(TEXT.split())
    assert [words for words in stated if words not in plain] == []


def test_the_versions_are_those_of_the_stored_run():
    for name, version in STORED["versions"].items():
        assert f"{name} {version}" in TEXT, name


def test_a_row_without_a_measurement_is_an_empty_cell():
    measured = {"traces": {"x": {"1000": 0.5}}, "schedules": {}, "one_step": {}}
    first = benchmark().tables(measured)[0]
    assert first.splitlines()[-1] == "| x | 0.5 |  |  |  |  |"
