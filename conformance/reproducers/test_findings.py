"""The script of each page prints the page's output, and the page quotes its framework exactly.

Run by `nox -s reproducers`. The fixes change the frameworks' modules in memory only.
"""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from finding_pages import Page, pages

from lrspec.bindings.backend import Backend
from lrspec.errors import BackendAbsent
from lrspec.runtime.interpreter import interpreter

PATCHED = Path(__file__).with_name("run_patched.py")
PAGES = pages()
FIXED = [page for page in PAGES if page.fixed_output is not None]
TRIES = 3  # about one process in a hundred crashes in OneFlow's nn.Graph
FIND = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).origin)"
#: Markup of a docstring, which a quotation leaves out.
MARKUP = re.compile(r":\w+:(?=`)|[`*]")


def each(page: Page) -> str:
    return page.slug


def python(backend: Backend) -> str:
    """Return the interpreter of *backend*; a test is skipped without one."""
    try:
        return interpreter(backend)[0]
    except BackendAbsent as error:
        pytest.skip(str(error))


@cache
def installed(path: str, package: str) -> Path:
    """Return the folder that *package* is installed in, for the interpreter at *path*."""
    command = [path, "-c", FIND, package]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return Path(done.stdout.strip()).parents[1]


def printed(page: Page, changes: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Return the lines that the page's script prints with *changes*."""
    command = [python(page.backend), str(PATCHED), json.dumps(changes), page.reproducer]
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode >= 0:
            break
    assert done.returncode == 0, done.stderr
    return [line.rstrip() for line in done.stdout.splitlines()]


def plain(text: str) -> str:
    """Return *text* without markup, its words separated by single spaces."""
    return " ".join(MARKUP.sub("", text).split())


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_quotes_the_installed_files_exactly(page: Page):
    folder = installed(python(page.backend), page.backend.package)
    assert page.files
    sources = [(folder / name).read_text(encoding="utf-8") for name in page.files]
    for block in page.quoted_source:
        assert any(block in source for source in sources), block
    for quotation in page.quotations:
        assert any(plain(quotation) in plain(source) for source in sources), quotation


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_script_prints_the_output(page: Page):
    assert printed(page, {}) == page.output.splitlines()


@pytest.mark.parametrize("page", FIXED, ids=each)
def test_a_script_prints_the_fixed_output_with_the_fix(page: Page):
    assert printed(page, page.changes) == (page.fixed_output or "").splitlines()


def test_a_quotation_is_compared_without_markup():
    assert plain("all of\n        ``the`` :math:`x`") == "all of the x"
    assert plain("all of those") not in plain("all of\n ``the`` others")
