"""The draft bug reports are complete, and the departures and the index refer to them."""

from __future__ import annotations

import re

import pytest
from finding_pages import SECTIONS, Page, departures_of, pages

from lrspec.bindings.backend import backends
from lrspec.dialect.dialect import departures, dialect_of

PAGES = pages()
IN_DIFF = re.compile(r"--- a/|\+\+\+ b/|@@ |[ +-]|\n")


def each(page: Page) -> str:
    return page.slug


def test_every_framework_bug_has_a_link_or_a_page():
    unreported = [
        name
        for name, departure in departures().items()
        if departure.right == "specification" and not (departure.link or departure.page)
    ]
    assert unreported == []


def test_a_departure_refers_to_an_existing_page_about_its_framework():
    frameworks = {page.slug: page.backend.framework for page in PAGES}
    for backend in backends().values():
        for name, departure in dialect_of(backend).departures.items():
            if departure.page is not None:
                assert frameworks.get(departure.page) == backend.framework, name


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_has_a_departure_or_gives_the_reason_for_having_none(page: Page):
    reasons = [text for text in page.comments if text.startswith("no departure, because ")]
    assert bool(departures_of(page)) != bool(reasons)


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_has_all_sections_a_table_and_short_quotations(page: Page):
    title, version, summary = page.lines
    assert title.startswith("# ")
    assert version.startswith("Observed in ")
    assert summary.rstrip().endswith(".")
    assert tuple(page.sections) == SECTIONS
    assert page.table
    for _, quotation in page.blocks("Cause"):
        assert 1 <= len(quotation.splitlines()) <= 8


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_links_reports_or_gives_the_terms_of_a_search_that_found_none(page: Page):
    related = page.sections["Related reports"]
    assert re.search(r"#\d+|https://", related) or "We found no report" in related
    assert re.findall(r"We found no report\b(?!.*\(terms: .+\))", related) == []


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_page_names_the_pinned_version(page: Page):
    """When a pin changes, the pages of that framework need a review."""
    distribution = page.backend.distribution
    pinned = [pin.partition("==")[2] for pin in page.backend.pins if pin.startswith(distribution)]
    assert [page.version] == [f"{page.backend.title} {version}" for version in pinned]


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_script_compiles_does_not_use_lrspec_and_prints_a_wrong_value(page: Page):
    compile(page.reproducer, page.slug, "exec")
    assert "lrspec" not in page.reproducer
    wrong = [line for line in page.output.splitlines() if line.endswith("<- wrong")]
    assert wrong


@pytest.mark.parametrize("page", PAGES, ids=each)
def test_a_fix_is_a_diff_and_its_output_has_no_wrong_value(page: Page):
    assert all(IN_DIFF.match(line) for line in page.diff.splitlines(keepends=True))
    assert any(old != new for pairs in page.changes.values() for old, new in pairs)
    if page.fixed_output is None:
        assert "Not tested:" in page.sections["Proposed fix"]
    else:
        assert page.fixed_output
        assert "wrong" not in page.fixed_output


def test_a_diff_is_parsed_into_pairs_of_old_and_new_text():
    diff = "--- a/x/y.py\n+++ b/x/y.py\n@@ def f\n a\n-b\n+c\n@@ def g\n-d\n--- a/z.py\n+++ b/z.py\n@@\n+e\n f\n"
    page = Page("torch-x", f"# x\n\n## Proposed fix\n\n```diff\n{diff}```\n")
    assert page.changes == {"x.y": [("a\nb\n", "a\nc\n"), ("d\n", "")], "z": [("f\n", "e\nf\n")]}
    assert page.fixed_output is None


def test_quotations_stand_in_the_prose_above_the_related_reports():
    prose = 'It says "one … two", not `"code"`.\n\n```python\nx = "y"\n```\n'
    page = Page("torch-x", f'# A "title"\n\n{prose}\n## Related reports\n\nSomeone: "three".\n')
    assert page.quotations == ["one", "two"]
