"""Download the scheduler modules of each release of the frameworks: nox -s versions.

One wheel at a time, without its dependencies; pip checks its hash. The files of a graft are kept
beside the frameworks' environments, the wheel is deleted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

from lrspec.bindings.backend import Backend, frameworks
from lrspec.runtime.grafts import Release, files, folder_of, releases


def download(backend: Backend, release: Release) -> None:
    """Put the files of *release* into its folder, unless they are there."""
    folder = folder_of(backend, release.version)
    stamp = folder / "wheel.sha256"
    if stamp.exists() and stamp.read_text() == release.sha256:
        return
    python, platform = release.tag
    with tempfile.TemporaryDirectory() as temporary:
        pin = Path(temporary, "requirements.txt")
        pin.write_text(f"{backend.distribution}=={release.version} --hash=sha256:{release.sha256}")
        where = ["--platform", platform, "--python-version", python, "--only-binary=:all:"]
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes"]
        subprocess.run([*pip, *where, "-r", pin, "-d", temporary], check=True)
        with ZipFile(Path(temporary, release.wheel)) as wheel:
            for name in set(files(backend)) & set(wheel.namelist()):
                wheel.extract(name, folder)
    stamp.write_text(release.sha256)


def main() -> None:
    """Download what is missing, the newest release first."""
    for backend in frameworks().values():
        for release in reversed(releases(backend).values()):
            download(backend, release)


if __name__ == "__main__":
    main()
