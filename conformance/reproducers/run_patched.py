"""Run a script with some of a framework's modules patched in memory.

    python run_patched.py CHANGES SCRIPT

CHANGES is JSON: module name → pairs of old and new text. The old text must occur exactly once in
the source of the module. With `{}` nothing is patched. Python 3.8 syntax, because it runs in a
framework's own interpreter.
"""

import importlib.machinery
import json
import sys
from pathlib import Path


class PatchedLoader(importlib.machinery.SourceFileLoader):
    """Load a module from its source, with each pair of `pairs` replaced."""

    pairs = ()

    def get_code(self, fullname):  # noqa: ARG002 (importlib's own signature)
        text = Path(self.path).read_text(encoding="utf-8")
        for old, new in self.pairs:
            if text.count(old) != 1:
                raise SystemExit(
                    f"{self.path}: expected exactly 1 occurrence, got {text.count(old)}:\n{old}"
                )
            text = text.replace(old, new)
        return compile(text, self.path, "exec")


class Finder:
    """Find the modules to patch before Python's own finders do."""

    def __init__(self, changes):
        self.changes = changes

    def find_spec(self, name, path=None, target=None):
        if name not in self.changes:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        spec.loader = PatchedLoader(name, spec.origin)
        spec.loader.pairs = self.changes[name]
        return spec


if __name__ == "__main__":
    sys.meta_path.insert(0, Finder(json.loads(sys.argv[1])))
    exec(compile(sys.argv[2], "<reproducer>", "exec"), {"__name__": "__main__"})  # noqa: S102
