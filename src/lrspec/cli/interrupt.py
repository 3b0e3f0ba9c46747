"""Ctrl-C: the first one ends the workers, says what was kept, and exits within two seconds."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

_CODE = 130  # of a program that SIGINT ends
_SECONDS = 1.5  # for threads to end by themselves


def handle_interrupts() -> None:
    """Stop at the first Ctrl-C; files are replaced whole, so the earlier ones are kept."""
    signal.signal(signal.SIGINT, _stop)


def _stop(_: int, __: FrameType | None) -> None:
    timer = threading.Timer(_SECONDS, os._exit, (_CODE,))
    timer.daemon = True
    timer.start()
    _call("lrspec.runtime.process", "stop_all")
    done = _call("lrspec.cli.terminal", "so_far")
    after = f" after {done}" if done else ""
    sys.stderr.write(f"\nlrspec: stopped{after}; files of earlier runs are unchanged\n")
    sys.stderr.flush()
    raise KeyboardInterrupt


def _call(module: str, name: str) -> Any:
    """Return the result of a function, None if nothing has imported its module."""
    function = getattr(sys.modules.get(module), name, None)
    return function() if function else None
