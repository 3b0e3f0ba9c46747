"""The version of an imported framework.

Runs in the framework's process: standard library only, Python 3.8 syntax.
"""

import sys
from typing import Sequence


def framework_version(modules: Sequence[str], trusted: Sequence[str]) -> str:
    """Return the version of the first *trusted* package of *modules*, without its build, or ""."""
    packages = [module.partition(".")[0] for module in modules]
    framework = next((package for package in packages if package in trusted), "")
    version = getattr(sys.modules.get(framework), "__version__", "")
    return str(version).partition("+")[0]
