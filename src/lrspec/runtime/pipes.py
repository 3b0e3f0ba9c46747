"""The two pipes of a worker process, and its end. Neither a full nor an endless pipe blocks."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import IO

#: The lines of a worker that were not yet taken; None is the end.
Lines = queue.Queue[bytes | None]
_LONGEST_LINE = 2**28  # bytes
_MOST_UNREAD = 2  # lines; one request has one answer


def lines_of(stream: IO[bytes]) -> Lines:
    """Return a queue that a thread fills from *stream*, to its end or to too many unread lines."""
    lines: Lines = queue.Queue()
    threading.Thread(target=_read, args=(stream, lines), daemon=True).start()
    return lines


def _read(stream: IO[bytes], lines: Lines) -> None:
    with stream:
        while lines.qsize() <= _MOST_UNREAD and (line := stream.readline(_LONGEST_LINE)):
            lines.put(line)
    lines.put(None)


def send(stream: IO[bytes], line: bytes, lines: Lines) -> None:
    """Write *line* to *stream* in a thread; *lines* ends where nothing reads it."""
    threading.Thread(target=_write, args=(stream, line, lines), daemon=True).start()


def _write(stream: IO[bytes], line: bytes, lines: Lines) -> None:
    try:
        stream.write(line)
        stream.flush()
    except (OSError, ValueError):  # the process has closed its end, or was ended
        lines.put(None)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill *process* and, where there are process groups, what it has started."""
    process.kill()
    if os.name != "nt":
        with contextlib.suppress(ProcessLookupError, PermissionError):  # all have ended
            os.killpg(process.pid, signal.SIGKILL)
