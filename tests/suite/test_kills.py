"""A run that is killed at a random moment; `nox -s robustness` kills a hundred."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kills import kill_runs


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_a_killed_run_leaves_no_process_and_no_files_of_two_runs(tmp_path: Path):
    assert kill_runs(4, seed=4, folder=tmp_path).total() == 4
