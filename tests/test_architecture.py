"""The layers of the package: each imports only from those above it in this list."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lrspec
from lrspec import resources
from lrspec.bindings.backend import packages

SOURCE = Path(lrspec.__file__).parent
TESTS = Path(__file__).parent
#: From the ground up; a layer of several names is of modules that may import one another.
LAYERS = [
    ("errors", "resources", "json_input", "text_input", "yaml_input", "version"),
    ("spec",),
    ("engine",),
    ("scenario",),
    ("bindings",),
    ("worker",),
    ("dialect",),
    ("runtime",),
    ("codegen",),
    ("importers",),
    ("verdict",),
    ("suite",),
    ("port",),
    ("report",),
    ("check",),
    ("views",),
    ("loaded",),
    ("api", "following", "pytest_plugin", "callbacks", "", "cli", "__main__"),
]
LAYER = {name: index for index, names in enumerate(LAYERS) for name in names}
MODULES = sorted(SOURCE.rglob("*.py"))
WORKER = sorted((SOURCE / "worker").glob("*.py"))
LONGEST = 250


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts).removesuffix("__init__").strip(".")


def package_of(module: str) -> str:
    return module.partition(".")[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_its_own_layer_and_from_those_above(path: Path):
    here = package_of(name_of(path))
    for name in imports(path):
        if package_of(name) == "lrspec":
            imported = package_of(name.removeprefix("lrspec").strip("."))
            imported = imported if imported in LAYER else ""
            assert LAYER[imported] <= LAYER[here], f"{here} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_imports_a_framework(path: Path):
    assert not {package_of(name) for name in imports(path)} & set(packages())


def test_no_module_is_longer_than_250_lines():
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_each_folder_of_tests_is_named_after_a_package():
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    folders = {path.parent.name for path in TESTS.glob("*/test_*.py")}
    assert folders
    assert folders <= packages


def test_the_modules_of_a_package_import_one_another_in_one_direction():
    graph = {name_of(path): _own(path) for path in MODULES}
    order = {}
    while len(order) < len(graph):
        ready = [name for name in graph if name not in order and graph[name] <= order.keys()]
        assert ready, f"a cycle among {sorted(graph.keys() - order.keys())}"
        order.update(dict.fromkeys(ready))


def _own(path: Path) -> set[str]:
    """Return the modules of the package that the one at *path* imports."""
    known = {name_of(module) for module in MODULES}
    found = set()
    for name in imports(path):
        inner = name.removeprefix("lrspec").strip(".")
        if package_of(name) == "lrspec":
            found.add(inner if inner in known else inner.rpartition(".")[0])
    return found - {name_of(path)}


def test_the_worker_imports_only_the_standard_library():
    workers = {
        p: {p.parent.name, "_lrspec"} for p in (resources.root() / "backends").glob("*/worker.py")
    }
    for path, allowed in {**workers, **{module: set() for module in WORKER}}.items():
        assert {package_of(name) for name in imports(path)} <= allowed | set(
            sys.stdlib_module_names
        ), path
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_core_is_light():
    """`import lrspec` needs NumPy alone, and none of the extras."""
    extras = "click rich jinja2 jsonschema matplotlib packaging mpmath yaml"
    code = (
        "import sys, lrspec; lrspec.load('one-sentence').trace(5); "
        f"print(*(m for m in '{extras}'.split() if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
