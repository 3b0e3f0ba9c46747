"""The pytest plugin: a fixture that checks a scheduler against a recipe."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def assert_follows() -> Callable[..., None]:
    """Return `lrspec.assert_follows`: `assert_follows(make_scheduler(), "bert", steps=1000)`."""
    __tracebackhide__ = True
    import lrspec  # noqa: PLC0415 - a plugin is imported by every run of pytest

    return lrspec.assert_follows
