"""The pages of what no one has reported: whole, named by the ledger, and named in the index."""

from __future__ import annotations

import re

import finding_pages
import pytest
from finding_pages import SECTIONS, Page, entries_of, pages

from lrspec.bindings.backend import backends
from lrspec.verdict.ledger import entries

PAGES = pages()
IN_DIFF = re.compile(r"--- a/|\+\+\+ b/|@@ |[ +-]|\n")


def each(page: Page) -> str:
    return page.slug


def test_an_entry_that_a_framework_should_mend_is_reported_or_has_a_page():
    silent = [
        entry.id
        for entry in entries()
        if entry.right == "specification" and entry.link is None and entry.page is None
    ]
    assert silent == []


def test_an_entry_names_a_page_that_is_there_and_speaks_of_its_framework():
    there = {page.slug: page.backend.framework for page in PAGES}
    for entry in entries():
        if entry.page is not None:
            assert entry.page in there, entry.id
            assert {backends()[name].framework for name in entry.backends} == {there[entry.page]}


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_is_named_by_the_ledger_or_says_why_not(page: Page):
    absent = "Not in the ledger of divergences:" in page.sections["What is seen"]
    assert bool(entries_of(page, entries())) != absent


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_says_what_where_why_and_how_to_mend_it(page: Page):
    title, seen, summary = page.lines
    assert title.startswith("# ")
    assert seen.startswith("Seen in ")
    assert summary.rstrip().endswith(".")
    assert tuple(page.sections) == SECTIONS
    assert re.search(r"^\|[-:|]+\|$", page.sections["What is seen"], re.MULTILINE)  # a table
    for where in page.blocks("Where"):
        assert 1 <= len(where[1].splitlines()) <= 8


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_speaks_of_the_version_that_is_tried(page: Page):
    """Where a pin moves, its pages must be looked at anew."""
    distribution = page.backend.distribution
    pinned = [pin.partition("==")[2] for pin in page.backend.pins if pin.startswith(distribution)]
    assert [page.version] == [f"{page.backend.title} {version}" for version in pinned]


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_script_compiles_needs_its_framework_alone_and_prints_what_is_wrong(page: Page):
    compile(page.reproducer, page.slug, "exec")
    assert "lrspec" not in page.reproducer
    wrong = [line for line in page.output.splitlines() if line.endswith("<- wrong")]
    assert wrong


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_change_is_small_and_mends_all_that_is_wrong(page: Page):
    assert all(IN_DIFF.match(line) for line in page.diff.splitlines(keepends=True))
    assert any(old != new for pairs in page.changes.values() for old, new in pairs)
    if page.mended is None:
        assert "Not tried:" in page.sections["The smallest change"]
    else:
        assert page.mended
        assert "wrong" not in page.mended


def test_the_index_names_every_page():
    assert finding_pages.INDEX.read_text(encoding="utf-8") == finding_pages.index(), (
        "run python conformance/finding_pages.py"
    )


def test_a_change_is_read_as_pairs_of_texts():
    diff = "--- a/x/y.py\n+++ b/x/y.py\n@@ def f\n a\n-b\n+c\n@@ def g\n-d\n--- a/z.py\n+++ b/z.py\n@@\n+e\n f\n"
    page = Page("torch-x", f"# x\n\n## The smallest change\n\n```diff\n{diff}```\n")
    assert page.changes == {"x.y": [("a\nb\n", "a\nc\n"), ("d\n", "")], "z": [("f\n", "e\nf\n")]}
    assert page.mended is None
