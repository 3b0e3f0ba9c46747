"""Every source of the suite passes ruff, its linter and its formatter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from written import grouped

from lrspec.bindings.backend import backends
from lrspec.bindings.document import EXPLICIT
from lrspec.codegen.emit import emit
from lrspec.codegen.plain_function import plain
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import Unsupported
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case, cases


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every source of the suite, native and standalone, each once."""
    folder = tmp_path_factory.mktemp("sources")
    found: dict[str, str] = {}
    for case in cases():
        for recipe in (
            (case.recipe, grouped(case.recipe)) if case.representative else (case.recipe,)
        ):
            found.update(_named(case, recipe))
    for index, (source, name) in enumerate(found.items()):
        (folder / f"{name}_{index}.py").write_text(source, encoding="utf-8")
    assert index > 5000
    return folder


def _named(case: Case, recipe: Recipe) -> dict[str, str]:
    name = re.sub(r"\W", "_", case.id)
    reason = (
        "Standalone, because LambdaLR (PyTorch 2.13.0) differs under stepwise@12: a long sentence."
    )
    found = dict.fromkeys([plain(recipe)], f"{name}_plain")
    for backend in backends().values():
        forms = (EXPLICIT, STANDALONE) if backend.name == backend.framework else (EXPLICIT,)
        for argument_form in forms:
            try:
                because = reason if argument_form == STANDALONE else ""
                source = emit(recipe, backend, argument_form, reason=because).text
            except Unsupported:
                continue
            found[source] = f"{name}_{backend.framework}_{argument_form}"
    return found


@pytest.mark.parametrize(
    "options",
    [("check", "--select", "E,F,W,I,UP,B,C4,PIE,RET"), ("format", "--check")],
    ids=lambda options: options[0],
)
def test_every_source_passes_ruff(options: tuple[str, ...], sources: Path):
    style = ("--isolated", "--line-length", "100", "--target-version", "py310", "--no-cache")
    command = [sys.executable, "-m", "ruff", *options, *style, str(sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[:2000] + done.stderr[:500]
