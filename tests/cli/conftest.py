"""No framework is installed, whatever the environment says."""

from __future__ import annotations

import pytest

from lrspec.bindings.backend import frameworks


@pytest.fixture(autouse=True)
def no_frameworks(monkeypatch: pytest.MonkeyPatch):
    for name in frameworks():
        monkeypatch.setenv(f"LRSPEC_{name.upper()}_PYTHON", "/no/such/python")
