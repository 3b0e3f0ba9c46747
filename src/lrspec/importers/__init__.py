"""Recipes of live schedulers, of Python functions, and of the configurations of other projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: A scheduler as `worker/describe.py` describes it.
Description = Mapping[str, Any]
