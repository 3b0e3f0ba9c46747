"""Parse the bug reports under reports/findings/, and write their index.

Each page is the text of an upstream issue. The parser reads the title, the line of versions and
the summary below it, the script, its output and the runs behind it under "Reproduce", and under
"Proposed fix" the diff and the output of the script with it. Source under "Cause", and all text in
double quotes above "Related reports", is quoted from the framework's files that the page names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from lrspec import resources
from lrspec.bindings.backend import Backend, backend_of
from lrspec.dialect.dialect import departures

FOLDER = resources.root() / "reports" / "findings"
INDEX = FOLDER / "README.md"
SECTIONS = (
    "Actual behavior",
    "Expected behavior",
    "Reproduce",
    "Cause",
    "Proposed fix",
    "Related reports",
)

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HUNK = re.compile(r"^@@.*\n", re.MULTILINE)
_FILE = re.compile(r"^--- a/(\S+)\n\+\+\+ b/\1\n", re.MULTILINE)
_COMMENT = re.compile(r"<!-- lrspec: (.*?) -->", re.DOTALL)
_NOT_PROSE = re.compile(r"```.*?^```$|`[^`]*`|<!--.*?-->|^>.*?$", re.MULTILINE | re.DOTALL)
_INDEX_HEAD = """# Draft bug reports

Each page is the draft of an upstream issue. Its last section names the related reports. Where it
says that we found none, the repository's issues and pull requests were searched on 2026-11-21 in a
stored copy, for the terms that the page gives; a newer report would not be in it.

`nox -s reproducers` runs each script in its framework, first unchanged and then, if the proposed fix
is in Python, with the fix, and compares the output with the page; it also looks up every quotation
in the installed framework. The tests without a framework compute each expected rate with the
engine, and predict each actual rate with the framework's dialect, except where a comment in the
page says why not. `nox -s generate` writes this index.

| report | framework | summary | departures |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Page:
    """A bug report. Its slug starts with the name of the framework."""

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
        """Return the framework and its version, for example `PyTorch 2.13.0`."""
        match = re.match(r"Observed in ([\w.]+ [\w.]+)", self.lines[1])
        return match[1] if match else ""

    @cached_property
    def sections(self) -> dict[str, str]:
        """Return the text of each section by its heading."""
        _, *parts = re.split(r"^## (.*)\n", self.text, flags=re.MULTILINE)
        return dict(zip(parts[::2], parts[1::2], strict=True))

    def blocks(self, section: str) -> list[tuple[str, str]]:
        """Return the fenced blocks of *section*: language and text."""
        return [(match[1], match[2]) for match in _FENCE.finditer(self.sections[section])]

    @property
    def reproducer(self) -> str:
        """Return the script."""
        return self.blocks("Reproduce")[0][1]

    @property
    def output(self) -> str:
        """Return the output of the script."""
        return self.blocks("Reproduce")[1][1]

    @property
    def diff(self) -> str:
        """Return the proposed fix."""
        return self.blocks("Proposed fix")[0][1]

    @property
    def fixed_output(self) -> str | None:
        """Return the output of the script with the fix, or None if the fix was not tested."""
        rest = self.blocks("Proposed fix")[1:]
        return rest[0][1] if rest else None

    @property
    def changes(self) -> dict[str, list[tuple[str, str]]]:
        """Return the fix as data: module name → pairs of old and new text."""
        _, *parts = _FILE.split(self.diff)
        return {
            path.removesuffix(".py").replace("/", "."): [
                (_side(hunk, "-"), _side(hunk, "+")) for hunk in _HUNK.split(hunks)[1:]
            ]
            for path, hunks in zip(parts[::2], parts[1::2], strict=True)
        }

    @property
    def comments(self) -> list[str]:
        """Return what the page says to lrspec alone: its runs as JSON, and reasons."""
        return _COMMENT.findall(self.text)

    @property
    def runs(self) -> str:
        """Return the JSON of the runs behind the page's numbers, "" if it has none."""
        return next((comment for comment in self.comments if comment.startswith("[")), "")

    @property
    def table(self) -> list[list[str]]:
        """Return the rows of the table of actual behavior, below the headers.

        The last two cells are the actual and the expected value.
        """
        rows = re.findall(r"^\|(.*)\|$", self.sections["Actual behavior"], re.MULTILINE)
        return [[cell.strip(" *`") for cell in row.split("|")] for row in rows[2:]]

    @property
    def files(self) -> list[str]:
        """Return the Python files of the framework that the page names."""
        package = self.backend.package
        return sorted(set(re.findall(rf"`({package}/[\w/]+\.py)`", self.text)))

    @property
    def quotations(self) -> list[str]:
        """Return the texts in double quotes, each part of a text with an ellipsis on its own."""
        _, _, body = self.text.partition("\n")
        prose = _NOT_PROSE.sub("", body.partition("## Related reports")[0])
        quoted = re.findall(r'"([^"]+)"', prose)
        return [part.strip() for text in quoted for part in text.split("…")]

    @property
    def quoted_source(self) -> list[str]:
        """Return the blocks of Python source under "Cause"."""
        return [text for language, text in self.blocks("Cause") if language == "python"]


def _side(hunk: str, sign: str) -> str:
    """Return the lines of *hunk* before (-) or after (+) the change."""
    return "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in (" ", sign))


def pages() -> list[Page]:
    """Return every page."""
    files = sorted(FOLDER.glob("*.md"))
    return [Page(p.stem, p.read_text(encoding="utf-8")) for p in files if p != INDEX]


def departures_of(page: Page) -> list[str]:
    """Return the ids of the departures that refer to *page*."""
    return [name for name, departure in departures().items() if departure.page == page.slug]


def index() -> str:
    """Return the index of the pages."""
    rows = []
    for page in pages():
        title, _, summary = page.lines
        ids = ", ".join(f"`{name}`" for name in departures_of(page)) or "—"
        name = f"[{title.removeprefix('# ')}]({page.slug}.md)"
        rows.append(f"| {name} | {page.version} | {' '.join(summary.split())} | {ids} |")
    return _INDEX_HEAD + "\n".join(rows) + "\n"
