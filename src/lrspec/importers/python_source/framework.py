"""The classes of a framework that is not run: those of its dialect, as a file names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.bindings.backend import Backend
from lrspec.dialect.dialect import dialect_of
from lrspec.dialect.functions import Predicted
from lrspec.dialect.session import Optimizer
from lrspec.errors import BadInput
from lrspec.importers.python_source.values import Unknown, is_number
from lrspec.worker.session import first_line


class Framework:
    """The schedulers and optimizers of *backend*, by the names that a file imports.

    Raises `BadInput` for a framework without a dialect.
    """

    def __init__(self, backend: Backend) -> None:
        dialect = dialect_of(backend)
        if dialect is None:
            raise BadInput("$", backend.title, "a framework with a dialect")
        self.backend = backend
        self._built: list[Any] = []  # also those that the file no longer refers to
        self.classes: dict[str, type] = dict(dialect.classes)
        for name in backend.bindings.class_names():
            alias = backend.bindings.class_of(name).alias_of
            if alias is not None:
                self.classes[name] = self.classes[alias]

    def has(self, path: str) -> bool:
        """Return whether *path* is of the framework."""
        return path.partition(".")[0] == self.backend.package

    def scheduler(self, path: str) -> type | None:
        """Return the model of the scheduler class at *path*, None for anything else."""
        name = path.rpartition(".")[2]
        own = self.backend.bindings.class_of(name).defined_in
        return self.classes.get(name) if self.has(path) and own is None else None

    def is_optimizer(self, path: str) -> bool:
        """Return whether *path* names an optimizer of the framework."""
        *modules, name = path.split(".")
        known = name in self.backend.bindings.class_names()
        optim = any(module.startswith("optim") for module in modules[1:])
        return self.has(path) and optim and name[:1].isupper() and not known

    def optimizer(
        self, line: int, name: str, given: Sequence[Any], named: Mapping[str, Any]
    ) -> Optimizer | Unknown:
        """Return the optimizer that a call builds, with its rates in groups."""
        if self.backend.groups != "own rates":
            return Unknown(line, f"the optimizer {name}, whose rate is the scheduler's")
        options = {**dict(zip(("params", "lr"), given, strict=False)), **named}
        parameters = options.pop("params", None)
        if unknown := _unknown_groups(parameters):
            return Unknown(unknown.line, f"{unknown.what}, which may be several parameter groups")
        groups = parameters if _are_groups(parameters) else [{}]
        for given_rate in (options.get("lr"), *(group.get("lr") for group in groups)):
            if isinstance(given_rate, Unknown):
                return given_rate
        merged = [{**_numbers(options), **_numbers(group)} for group in groups]
        if not all("lr" in group for group in merged):
            return Unknown(line, f"the optimizer {name} without lr=")
        return Optimizer(merged, self.classes)

    def built(
        self, line: int, model: type, name: str, given: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Return the model of a scheduler, or what its class raises."""
        try:
            scheduler = model(*given, **named)
        except Exception as error:  # a model raises what its framework raises
            known = type(error).__name__ if isinstance(error, Predicted) else first_line(error)
            return Unknown(line, f"{name}, which raises {known}")
        self._built.append(scheduler)
        return scheduler


def _unknown_groups(parameters: Any) -> Unknown | None:
    """Return the first part of *parameters* that may be a parameter group, None if none may."""
    parts = parameters if isinstance(parameters, (list, tuple)) else [parameters]
    unknown = (part for part in parts if isinstance(part, Unknown) and not part.are_parameters)
    return next(unknown, None)


def _are_groups(parameters: Any) -> bool:
    is_list = isinstance(parameters, (list, tuple)) and len(parameters) > 0
    return is_list and all(isinstance(group, dict) for group in parameters)


def _numbers(group: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in group.items() if is_number(v) and not isinstance(v, bool)}
