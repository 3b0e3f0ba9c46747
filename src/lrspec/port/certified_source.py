"""The source of a recipe, certified in this interpreter once."""

from __future__ import annotations

import json
import sys
from functools import cache

from lrspec.bindings.backend import Backend
from lrspec.port.port import port
from lrspec.spec.recipe import Recipe, from_dict


def certified_source(recipe: Recipe, backend: Backend, *, standalone: bool = False) -> str:
    """Return the source that `port` writes for *backend*, run in this interpreter.

    The same recipe is written and run once in the life of the process.
    """
    document = json.dumps(recipe.to_dict(), sort_keys=True)
    return _source(document, backend.name, standalone=standalone)


@cache
def _source(document: str, backend: str, *, standalone: bool) -> str:
    pythons = {backend: sys.executable}
    return port(from_dict(json.loads(document)), backend, pythons, standalone=standalone).source
