"""A source that is certified once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lrspec.bindings.backend import backend_of
from lrspec.port import certified_source as module
from lrspec.port.certified_source import certified_source
from lrspec.spec.recipe import from_dict

STEP = {"schedule": "step", "base_lr": 0.125, "step_size": 7}


def test_the_same_recipe_is_ported_once(monkeypatch: pytest.MonkeyPatch):
    ported = []

    def port(recipe, backend, pythons, *, standalone):
        ported.append((recipe.to_dict(), backend, [*pythons], standalone))
        return SimpleNamespace(source=f"source {len(ported)}")

    monkeypatch.setattr(module, "port", port)
    module._source.cache_clear()
    torch = backend_of("torch")
    assert certified_source(from_dict(STEP), torch) == "source 1"
    assert certified_source(from_dict(dict(reversed(STEP.items()))), torch) == "source 1"
    assert certified_source(from_dict(STEP), torch, standalone=True) == "source 2"
    assert certified_source(from_dict({**STEP, "step_size": 8}), torch) == "source 3"
    assert ported[0] == (STEP, "torch", ["torch"], False)
    assert len(ported) == 3
    module._source.cache_clear()
