"""Which values of a file something that was not read may have changed."""

from __future__ import annotations

import ast
from typing import Any

from lrspec.importers.python_source.values import Unknown, UserFunction, is_object


class Poison:
    """The objects that are not known any more, each with the reason."""

    def __init__(self) -> None:
        self._functions: set[int] = set()
        self._changed: dict[int, tuple[Any, Unknown]] = {}  # an object is kept, and so is its id

    def spread(self, value: Any, reason: Unknown) -> None:
        """Make *value* unknown, with what it contains and what it may change when it is called."""
        if isinstance(value, (list, tuple)):
            for item in value:
                self.spread(item, reason)
        if isinstance(value, UserFunction) and id(value.node) not in self._functions:
            self._functions.add(id(value.node))
            for node in ast.walk(value.node):
                if isinstance(node, ast.Name):
                    self.spread(value.names.get(node.id), reason)
        if is_object(value) or isinstance(value, (list, dict)):
            self._changed.setdefault(id(value), (value, reason))

    def current(self, value: Any) -> Any:
        """Return *value*, or why it is not known any more."""
        return self._changed[id(value)][1] if id(value) in self._changed else value

    def known(self, value: Any) -> Any:
        """Return *value*, or the first thing in it that is not known any more."""
        found = self.current(value)
        inner = found if isinstance(found, (list, tuple)) else ()
        if is_object(found):
            inner = [v for v in vars(found).values() if is_object(v) or isinstance(v, list)]
        for item in inner:
            if isinstance(checked := self.known(item), Unknown):
                return checked
        return found
