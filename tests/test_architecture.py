"""The house as it was drawn: a room imports from its own floor's left or from floors below."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lrspec

SOURCE = Path(lrspec.__file__).parent
#: From the ground up, each floor's rooms from left to right.
FLOORS = [
    ["errors", "data"],
    [
        "truth.formula", "truth.arithmetic", "truth.compiled", "truth.parameter", "truth.schedule", "truth.shape", "truth.file", "truth.recipe",
        "truth.machine", "truth.reference", "truth.chainable", "truth.landmarks", "truth.rules", "truth.units", "truth.run",
        "truth.drive", "truth.course", "truth.simulate", "truth.tolerance", "truth.trace",
    ],
    [
        "frameworks.backend", "frameworks.find", "frameworks.simplify", "frameworks.spell", "frameworks.source",
        "frameworks.bindings", "frameworks.usage", "frameworks.block", "frameworks.closed_form", "frameworks.curve", "frameworks.states",
        "frameworks.exact", "frameworks.plain", "frameworks.emit", "frameworks.reproduce", "frameworks.session", "frameworks.serve", "frameworks.ask",
        "frameworks.functions", "frameworks.describe", "frameworks.evaluate", "frameworks.conditions", "frameworks.operations", "frameworks.translate",
        "frameworks.lambdas", "frameworks.reading", "frameworks.lineage", "frameworks.claims",
        "frameworks.read", "frameworks.user_file", "frameworks.build",
        "configs.fields", "configs.text", "configs.paddleclas", "configs.paddledetection", "configs.transformers", "configs",
    ],
    ["verdict.broken", "verdict.compare", "verdict.evidence", "verdict.hypotheses", "verdict.explain", "verdict.ledger"],
    ["report.results", "report.upstream", "report.known", "report.groups", "report.propose", "report.summary", "report.markdown", "report.plots"],
    [
        "conform.cases", "conform.plan", "conform.observe", "conform.findings", "conform.smaller", "conform.shrink", "conform.replay",
        "conform.round_trip", "certify", "porting", "ported", "there_and_back",
    ],
    ["api", "", "cli"],
]  # fmt: skip
PLACE = {room: (f, r) for f, floor in enumerate(FLOORS) for r, room in enumerate(floor)}
FRAMEWORKS = {"torch", "paddle", "oneflow"}
MODULES = sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    return (
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix("__init__").strip(".")
    )


def room_of(module: str) -> str:
    parts = module.split(".")
    return next((".".join(parts[:n]) for n in (2, 1) if ".".join(parts[:n]) in PLACE), parts[0])


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_from_its_left_or_from_below(path: Path):
    here = room_of(name_of(path))
    if path.name == "__init__.py" and here in {
        "truth",
        "frameworks",
        "verdict",
        "report",
        "conform",
    }:
        assert imports(path) == set()  # the landing of a floor is bare
        return
    assert here in PLACE, f"draw {here} into the house"
    for name in imports(path):
        if name.startswith("lrspec"):
            there = room_of(name.removeprefix("lrspec").strip("."))
            there = there if there in PLACE else ""
            assert there == here or PLACE[there] < PLACE[here], f"{here} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_room_imports_a_framework(path: Path):
    assert not {name.partition(".")[0] for name in imports(path)} & FRAMEWORKS


def test_a_worker_needs_its_framework_and_the_standard_library_alone():
    import sys  # noqa: PLC0415

    root = SOURCE.parent.parent
    workers = {path: {path.parent.name} for path in (root / "backends").glob("*/worker.py")}
    ours = ("serve", "session", "evaluate", "describe", "functions")
    own = {SOURCE / "frameworks" / f"{name}.py": {"describe", "session"} for name in ours}
    for path, allowed in {**workers, **own}.items():
        tops = {name.partition(".")[0] for name in imports(path)}
        assert tops <= allowed | set(sys.stdlib_module_names), path
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_specification_names_no_backend_and_a_backend_no_other():
    root = SOURCE.parent.parent
    for folder in (root / "backends").iterdir():
        for path in folder.glob("*.*"):
            text = path.read_text(encoding="utf-8").lower()
            others = {f for f in FRAMEWORKS - {folder.name} if f"import {f}" in text}
            assert not others, path


def test_the_core_is_light():
    """`import lrspec` needs NumPy and a schema validator, and none of the extras."""
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    extras = "click rich jinja2 matplotlib packaging mpmath yaml"
    code = (
        "import sys, lrspec; lrspec.load('one-sentence').trace(5); "
        f"print(*(m for m in '{extras}'.split() if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
