"""The command line: one module per command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `lrspec` with the arguments of this process, and exit."""
    from lrspec.cli.app import run  # noqa: PLC0415 - the library is imported without them
    from lrspec.cli.encoding import accept_any_text  # noqa: PLC0415
    from lrspec.cli.interrupt import handle_interrupts  # noqa: PLC0415

    accept_any_text()
    handle_interrupts()

    sys.exit(run(sys.argv[1:]))
