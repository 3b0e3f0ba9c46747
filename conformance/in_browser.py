"""Calls of the page's script in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrspec.report.script import script

if TYPE_CHECKING:
    from playwright.sync_api import Page


def call(page: Page, module: str, expression: str, *given: Any) -> Any:
    """Return *expression* of a module `m` and the arguments `given`, evaluated in the browser."""
    return page.evaluate(f"given => {{ const m = {script(module)}; return {expression} }}", given)
