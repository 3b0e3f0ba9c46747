"""Each page's script prints the output on the page, both unpatched and with the page's change.

Run by `nox -s reproducers`; the frameworks are patched only in memory.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from finding_pages import Page, pages

from lrspec.runtime.interpreter import interpreter

MENDED = Path(__file__).with_name("mended.py")
PAGES = pages()
TRIES = 3  # about one process in a hundred crashes in OneFlow's graph


def printed(page: Page, changes: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Return the lines that the page's script prints with *changes* applied."""
    path, _ = interpreter(page.backend)
    command = [path, str(MENDED), json.dumps(changes), page.reproducer]
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode >= 0:
            break
    assert done.returncode == 0, done.stderr
    return [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_a_script_prints_what_its_page_says_and_the_page_quotes_the_source(page: Page):
    assert printed(page, page.quotations) == page.output.splitlines()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.mended is not None], ids=lambda page: page.slug
)
def test_with_the_change_of_its_page_a_script_finds_nothing_wrong(page: Page):
    assert printed(page, page.changes) == (page.mended or "").splitlines()
