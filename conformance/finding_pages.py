"""The pages under reports/findings/, parsed, and their generated index.

A page is what is pasted upstream. What a machine needs of it stands where a reader needs it too:
the first heading, the line of versions under it, the first `python` block (the reproducer) and the
`text` block after it (what it prints), the quotation under "Where", the `diff` block, and the
`text` block after that (what the reproducer prints with the change).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lrspec import resources
from lrspec.bindings.backend import Backend, backend_of
from lrspec.verdict.ledger import Entry, entries

FOLDER = resources.root() / "reports" / "findings"
INDEX = FOLDER / "README.md"
SECTIONS = ("What is seen", "Reproducer", "Where", "Why these values", "The smallest change")

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HUNK = re.compile(r"^@@.*\n", re.MULTILINE)
_FILE = re.compile(r"^--- a/(\S+)\n\+\+\+ b/\1\n", re.MULTILINE)
_INDEX_HEAD = """# Findings that no one has reported

Each page is ready to be pasted upstream: a search of the projects' issues and pull requests found no
report of it (what it did find is linked in `conformance/ledger/`). `nox -s reproducers` runs every
script in its framework as it is, and with the page's change where that is Python, and holds what it
prints against the page.
`nox -s generate` writes this index.

| page | framework | what happens | in the ledger |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Page:
    """One page: its slug begins with the name of the framework that it speaks of."""

    slug: str
    text: str

    @property
    def backend(self) -> Backend:
        """Return the framework's first backend."""
        return backend_of(self.slug.partition("-")[0])

    @property
    def lines(self) -> list[str]:
        """Return the heading, the line of versions, and the summary."""
        return self.text.split("\n\n")[:3]

    @property
    def version(self) -> str:
        """Return the version that the page speaks of, as `PyTorch 2.13.0`."""
        found = re.match(r"Seen in ([\w.]+ [\w.]+)", self.lines[1])
        return found[1] if found else ""

    @cached_property
    def sections(self) -> dict[str, str]:
        """Return the text of each section under its heading."""
        _, *parts = re.split(r"^## (.*)\n", self.text, flags=re.MULTILINE)
        return dict(zip(parts[::2], parts[1::2], strict=True))

    def blocks(self, section: str) -> list[tuple[str, str]]:
        """Return the fenced blocks of *section*: language and text."""
        return [(found[1], found[2]) for found in _FENCE.finditer(self.sections[section])]

    @property
    def reproducer(self) -> str:
        """Return the script."""
        return self.blocks("Reproducer")[0][1]

    @property
    def output(self) -> str:
        """Return what the script prints."""
        return self.blocks("Reproducer")[1][1]

    @property
    def diff(self) -> str:
        """Return the change."""
        return self.blocks("The smallest change")[0][1]

    @property
    def mended(self) -> str | None:
        """Return what the script prints with the change; None if the change was not tried."""
        rest = self.blocks("The smallest change")[1:]
        return rest[0][1] if rest else None

    @property
    def changes(self) -> dict[str, list[tuple[str, str]]]:
        """Return the change as data: a module's name → pairs of the old text and the new."""
        _, *parts = _FILE.split(self.diff)
        return {
            path.removesuffix(".py").replace("/", "."): [
                (_side(hunk, "-"), _side(hunk, "+")) for hunk in _HUNK.split(hunks)[1:]
            ]
            for path, hunks in zip(parts[::2], parts[1::2], strict=True)
        }

    @property
    def quotations(self) -> dict[str, list[tuple[str, str]]]:
        """Return what is quoted of the Python files, as a change that changes nothing."""
        found: dict[str, list[tuple[str, str]]] = {}
        names = re.findall(r"`([\w/]+)\.py`", self.sections["Where"])
        quoted = [text for language, text in self.blocks("Where") if language == "python"]
        for name, text in zip(names, quoted, strict=False):
            found.setdefault(name.replace("/", "."), []).append((text, text))
        return found


def _side(hunk: str, sign: str) -> str:
    """Return the lines of *hunk* that are there before (-) or after (+) it."""
    return "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in (" ", sign))


def pages() -> list[Page]:
    """Return every page."""
    files = sorted(FOLDER.glob("*.md"))
    return [Page(p.stem, p.read_text(encoding="utf-8")) for p in files if p != INDEX]


def entries_of(page: Page, ledger: Iterable[Entry]) -> list[Entry]:
    """Return the entries of *ledger* that name *page*."""
    return [entry for entry in ledger if entry.page == page.slug]


def index() -> str:
    """Return the index of the pages."""
    rows = []
    for page in pages():
        title, _, summary = page.lines
        known = ", ".join(f"`{entry.id}`" for entry in entries_of(page, entries())) or "—"
        name = f"[{title.removeprefix('# ')}]({page.slug}.md)"
        rows.append(f"| {name} | {page.version} | {' '.join(summary.split())} | {known} |")
    return _INDEX_HEAD + "\n".join(rows) + "\n"
