"""`lrspec port`: a recipe as a framework's source, with its certificate."""

from __future__ import annotations

from collections.abc import Iterable

import click

from lrspec.bindings.backend import backend_of
from lrspec.cli import options
from lrspec.cli.target import METAVAR, read_target
from lrspec.cli.terminal import terminal_width, wrapped
from lrspec.codegen.plain_function import NUMPY
from lrspec.engine.state_machine import continued
from lrspec.engine.units import in_epochs
from lrspec.errors import BadInput
from lrspec.port.class_by_class import ClassByClass, class_by_class
from lrspec.port.port import port
from lrspec.spec.recipe import Recipe
from lrspec.suite.departing import as_in_its_framework


@click.command("port", short_help="Write a recipe, or a scheduler, as source for a framework.")
@click.argument("source", metavar=METAVAR)
@click.option(
    "--to",
    "backend",
    required=True,
    metavar="BACKEND",
    help="A backend that `lrspec doctor` lists, or numpy for a plain function.",
)
@options.run
@click.option(
    "--standalone", is_flag=True, help="Write the schedule as a function, without native classes."
)
@click.option(
    "--ulp",
    type=click.FloatRange(0),
    metavar="N",
    help="Accept errors of native classes of up to N units in the last place, and no larger ones.",
)
@options.as_specified
@click.option(
    "--hold-at-errors", is_flag=True, help="Hold the last rate where the original raises an error."
)
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print the source and certificate as JSON.")
def command(
    source: str,
    backend: str,
    updates: int | None,
    updates_per_epoch: int | None,
    standalone: bool,  # noqa: FBT001
    ulp: float | None,
    as_specified: bool,  # noqa: FBT001
    hold_at_errors: bool,  # noqa: FBT001
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> int:
    """Write RECIPE, or the scheduler of FILE.py, as source for a framework, and run it there.

    The source is printed on standard output. On standard error follow the certificate and, for a
    scheduler, what would differ if its classes were replaced one by one.

    FILE.py is run, as by `lrspec read`. The source has the rates of the run that it replaces, also
    where the original's framework departs from the specification.

    With --updates-per-epoch, the scheduler is to be stepped once per epoch, unless the rate changes
    inside one.
    """
    loaded, read = read_target(source, pythons)
    original = as_in_its_framework(read) if read else loaded if loaded.dialect else None
    own_classes = read.own_classes if read else {}
    differs = read is not None and read.departs and loaded.dialect is None and not as_specified
    options.warn(loaded, updates, updates_per_epoch)
    if updates_per_epoch is not None and backend != NUMPY:
        loaded = _in_epochs(loaded, updates_per_epoch)
    ported = port(
        loaded,
        backend,
        pythons,
        standalone=standalone,
        ulp=ulp,
        as_specified=as_specified,
        hold_at_errors=hold_at_errors,
    )
    if as_json:
        options.print_json(ported.to_dict())
    else:
        click.echo(ported.source, nl=False)
        _print_wrapped(ported.certificate.text.splitlines())
        if original is not None and backend != NUMPY:
            original = continued(original)
            _print_class_by_class(class_by_class(original, backend_of(backend), own_classes))
    if differs:
        options.print_warning("the port does not have the rates of this scheduler (see the notes)")
    return 1 if ported.certificate.diverges or differs else 0


def _print_class_by_class(found: ClassByClass) -> None:
    for theirs, ours in found.rows:
        _print_wrapped([f"  {theirs}", f"    -> {ours}"])
    _print_wrapped(found.lines)


def _print_wrapped(lines: Iterable[str]) -> None:
    """Print *lines* on standard error, long ones continued with a deeper indentation."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        for part in wrapped(line, terminal_width(), indent):
            click.echo(part, err=True)


def _in_epochs(loaded: Recipe, updates_per_epoch: int) -> Recipe:
    """Return *loaded* in epochs, or with a warning as it is if it changes inside an epoch."""
    try:
        return in_epochs(loaded, updates_per_epoch)
    except BadInput as error:
        change = f"the rate changes inside an epoch ({error.found})"
        options.print_warning(f"{change}: step this scheduler after every update")
        return loaded
