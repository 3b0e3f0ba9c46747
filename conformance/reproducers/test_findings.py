"""The script of each page prints the output given on the page, without and with the proposed fix.

Run by `nox -s reproducers`. The fixes change the frameworks' modules in memory only.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from finding_pages import Page, pages

from lrspec.runtime.interpreter import interpreter

PATCHED = Path(__file__).with_name("run_patched.py")
PAGES = pages()
TRIES = 3  # about one process in a hundred crashes in OneFlow's nn.Graph


def printed(page: Page, changes: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Return the lines that the page's script prints with *changes*."""
    path, _ = interpreter(page.backend)
    command = [path, str(PATCHED), json.dumps(changes), page.reproducer]
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode >= 0:
            break
    assert done.returncode == 0, done.stderr
    return [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_a_script_prints_the_output_and_the_page_quotes_the_source_exactly(page: Page):
    assert printed(page, page.quotations) == page.output.splitlines()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.fixed_output is not None], ids=lambda page: page.slug
)
def test_a_script_prints_the_fixed_output_with_the_fix(page: Page):
    assert printed(page, page.changes) == (page.fixed_output or "").splitlines()
