"""The command line: one module per command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `lrspec` with the arguments of this process, and exit."""
    from lrspec.cli.app import run  # noqa: PLC0415 - the library is imported without it

    sys.exit(run(sys.argv[1:]))
