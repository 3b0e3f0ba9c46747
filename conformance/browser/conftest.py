"""A page of the last run's results in headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lrspec.report.page import page as page_of
from lrspec.verdict.results import Results, read

RESULTS = Path("reports/results.json")


@pytest.fixture(scope="session")
def results() -> Results:
    """The last run's results; without a run, those of an absent framework."""
    return read(RESULTS) if RESULTS.exists() else Results({"torch": None}, [])


@pytest.fixture(scope="session")
def address(results: Results, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page, a file."""
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page_of(results), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "no Chromium on the path (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page as it opens from disk; an error of its script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.goto(address)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def blank(browser: Browser) -> Iterator[Page]:
    """An empty page, in which a module of the page's script is called."""
    page = browser.new_page()
    yield page
    page.close()
