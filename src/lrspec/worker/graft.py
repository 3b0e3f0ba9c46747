"""Modules of another release of the framework, loaded over the installed one: a graft.

Only the files of the graft's folder are of that release. Everything else that they use, such as the
optimizer, is of the installed framework.

Runs in the framework's interpreter: standard library only, Python 3.8 syntax.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any, List, Optional


class Graft(MetaPathFinder):
    """Finds the modules that lie under *folder*, by the path of their package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: List[str] = []

    def find_spec(self, fullname: str, *_: Any) -> Optional[ModuleSpec]:
        """Return where the module *fullname* lies, None if the graft does not have it."""
        file = self.folder.joinpath(*fullname.split(".")).with_suffix(".py")
        if not file.is_file():
            return None
        self.found.append(fullname)
        return spec_from_file_location(fullname, str(file))


def install(folder: str) -> Graft:
    """Answer the imports of the modules under *folder* from there, from now on."""
    graft = Graft(Path(folder))
    sys.meta_path.insert(0, graft)
    return graft
