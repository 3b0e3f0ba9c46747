"""Hostile files, names and results: one line and exit 2, or shown as text. Nothing waits or is lost."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from cli.test_verdicts import PLAIN

from lrspec.bindings.backend import backend_of
from lrspec.cli.app import run
from lrspec.codegen.emit import emit
from lrspec.errors import BackendAbsent, BadInput
from lrspec.report import markdown
from lrspec.report.escaping import code_block, in_markdown
from lrspec.runtime.observation import Observation
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.departing import run_warning
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import plan
from lrspec.suite.run import Observations
from lrspec.verdict import files, results

STEP = {"schedule": "step", "base_lr": 0.1, "step_size": 3}
HUGE = 10**400
ESCAPE = "\x1b]0;title\x07\x1b[31m"
HTML = "# <script>alert(1)</script> ``` | cell | [x](javascript:0) <img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line that *arguments* print, which has only printable characters."""
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("\n")
    assert printed.err[:-1].isprintable()
    return printed.err


def write_finding(folder: str = "reports", version: str = "2.13.0", **changed) -> None:
    entry = {**PLAIN, "recipe": STEP, "backend": "torch", "scenario": "stepwise@9", **changed}
    document = {"run": "a", "backends": {"torch": {"version": version}}, "findings": [entry]}
    Path(folder).mkdir(exist_ok=True)
    Path(folder, "results.json").write_text(json.dumps(document))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize(
    "command", ["trace PIPE", "check PIPE", "compare PIPE PIPE", "check PIPE:make()", "plot PIPE"]
)
def test_a_pipe_is_refused_and_not_waited_for(command: str, capsys):
    name = "pipe.py" if ":" in command else "pipe"
    os.mkfifo(name)
    assert "a pipe or a device" in refused(capsys, *command.replace("PIPE", name).split())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["results.json", "traces/torch.jsonl"])
def test_a_pipe_among_the_results_is_refused(name: str, capsys):
    write_finding()
    Path("reports/traces").mkdir()
    Path("reports", name).unlink(missing_ok=True)
    os.mkfifo(Path("reports", name))
    assert "a pipe or a device" in refused(capsys, "report")


def test_a_device_without_an_end_is_refused(capsys):
    Path("zero.csv").symlink_to("/dev/zero")
    assert "a pipe or a device" in refused(capsys, "compare", "zero.csv", "zero.csv")


def test_a_file_larger_than_the_limit_is_refused_unread(capsys):
    with Path("large.json").open("wb") as file:
        file.truncate(10**12)
    assert "more than 1000000 bytes" in refused(capsys, "trace", "large.json")
    Path("reports").mkdir()
    Path("large.json").rename("reports/results.json")
    assert "more than 1000000000 bytes" in refused(capsys, "report")


@pytest.mark.parametrize("name", [f"{ESCAPE}.json", "two\nlines.json", "\u202egnp.json"])
def test_a_file_name_with_control_characters_is_refused(name: str, capsys):
    Path(name).write_text(json.dumps(STEP))
    assert "control characters" in refused(capsys, "trace", name)
    assert "control characters" in refused(capsys, "check", f"{name}.py:make()")


@pytest.mark.parametrize("name", ["run", "position", "title", "state", "unit"])
@pytest.mark.parametrize("value", [HUGE, -1, "x", [], {}, None, True, 1e308])
def test_what_a_recipe_states_about_itself_may_be_anything(name: str, value):
    Path("mine.json").write_text(json.dumps({**STEP, "about": {name: value}}))
    assert run(["plot", "mine.json"]) == 0
    assert run(["port", "mine.json", "--to", "numpy"]) == 0
    assert emit(from_dict({**STEP, "about": {name: value}}), backend_of("torch"))


def test_a_title_is_shown_as_one_printable_line(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lrspec.check.examination.interpreter", no_interpreter)
    Path("mine.json").write_text(json.dumps({**STEP, "about": {"title": f"{ESCAPE}\nmine"}}))
    assert run(["check", "mine.json"]) == 1
    shown = capsys.readouterr().out
    assert "?]0;title??[31m?mine" in shown
    assert "\x1b" not in shown


def no_interpreter(*_: object, **__: object):
    raise BackendAbsent("none in this test")


@pytest.mark.parametrize(
    "version", [f"2.13.0{ESCAPE}", "", "<b>", "2.13.0\n# x", "1" * 5000, "2.13.0;rm"]
)
def test_a_hostile_version_is_refused(version: str, capsys):
    dialect = {"framework": "torch", "version": version}
    Path("mine.json").write_text(json.dumps({**STEP, "dialect": dialect}))
    assert "$.dialect.version" in refused(capsys, "trace", "mine.json")
    write_finding(version=version)
    assert "$.backends" in refused(capsys, "report")
    refused(capsys, "trace", "bert", "--as", f"torch=={version}")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scenario": "nowhere@5"}, "$.findings[0].scenario: found nowhere@5, expected one of"),
        ({"scenario": "stepwise@1000000000"}, "at most 10,000,000 steps"),
        ({"explanation": ESCAPE}, "$.findings[0].explanation: found control characters"),
        ({"case": "a\nb"}, "$.findings[0].case: found control characters"),
        ({"reproducer": ESCAPE}, "$.findings[0].reproducer: found control characters"),
        ({"first_step": HUGE}, "$.findings[0].first_step"),
        ({"updates": HUGE}, "$.findings[0].updates"),
        ({"max_rel_error": HUGE}, "number out of range"),
        ({"steps": [[HUGE, [], []]]}, "$.findings[0].steps[0][0]"),
        ({"steps": [[-1, [], []]]}, "$.findings[0].steps[0][0]"),
        ({"status": "fine"}, "$.findings[0].status"),
        ({"backend": "jax"}, "$.findings[0].backend"),
        ({"recipe": [1, 2]}, "$.findings[0].recipe"),
    ],
)
def test_results_that_are_none_are_refused(changed, message: str, capsys):
    write_finding(**changed)
    for arguments in (["report"], ["conform", "--replay", "reports"], ["upstream"]):
        assert message in refused(capsys, *arguments)


def test_a_replay_refuses_a_trace_that_is_shorter_than_it_says(capsys):
    """To predict a million steps would take long; to claim them takes nothing."""
    case = Case("mine.json", "", from_dict(STEP), own=True)
    (one,) = plan([case], [backend_of("torch")], ["stepwise"], 5)[:1]
    rates = one.scenario.expected
    observed = Observations({one.id: Observation("trace", "", rates, rates)}, {"torch": "2.13.0"})
    write_results(Path("mine"), [one], observed, results_of([one], observed))
    for path in Path("mine").rglob("*.json*"):
        path.write_text(path.read_text().replace("stepwise@5", "stepwise@1000000"))
    line = refused(capsys, "conform", "--replay", "mine")
    assert "mine/traces/torch.jsonl: mine.json-torch-stepwise@1000000: found 5 rows" in line


def test_hostile_results_are_text_in_markdown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(markdown, "comparisons", list)
    plain = {**PLAIN, "recipe": {"about": HTML}, "scenario": "changed@5:halved", "backend": HTML}
    texts = dict.fromkeys(("case", "explanation", "schedule", "form"), HTML)
    script = {"reproducer": "```\n</details>\n# x\n<script>\n", "steps": [[0, [1.0], ["nan"]]]}
    found = [
        results.Finding(**{**plain, **texts, **script, "verdict": verdict, "departures": [name]})
        for verdict, name in (("unpredicted", "a"), ("departs", HTML), ("conforms", "b"))
    ]
    absent = results.Finding(**{**plain, **texts, "status": "absent", "verdict": None})
    text = markdown.divergences(results.Results({HTML: None}, [*found, absent], HTML))
    outside = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert text.count("````python\n```\n</details>\n# x\n<script>\n````") == 1
    assert re.sub(r"</?(details|summary)>", "", outside).count("<") == 0
    assert len(re.findall(r"(?m)^#", outside)) == 6
    assert not re.search(r"(?<!\\)\]\(javascript", outside)
    (row,) = (line for line in outside.splitlines() if line.startswith("| \\#"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: a_b * 2 (c)", "plain: a_b * 2 (c)"),
        ("`step()` is late", "`step()` is late"),
        ("# heading", "\\# heading"),
        ("> quoted", "\\> quoted"),
        ("~~~", "\\~~~"),
        ("---", "\\---"),
        ("```python", "'''python"),
        ("`<b>`", "`&lt;b>`"),
        ("a`b", "a'b"),
        ("a\n\n# b", "a  # b"),
        ("[a](b)", "\\[a\\](b)"),
        ("a | `b|c`", "a \\| `b\\|c`"),
        ("\\`<i>`", "\\\\`&lt;i>`"),
        ("&lt;", "&amp;lt;"),
        ("\x1b[31m", "?\\[31m"),
    ],
)
def test_text_in_markdown_is_only_text(text: str, shown: str):
    assert in_markdown(text) == shown


def test_a_fence_is_longer_than_any_in_its_code():
    assert code_block("a\n````\nb", "json") == "`````json\na\n````\nb\n`````"


def made(folder: Path, rate: float) -> None:
    """Write the files of a run of two frameworks whose rates are all *rate*."""
    cases = [Case("step/mine", "", from_dict(STEP))]
    runs = plan(cases, [backend_of("torch"), backend_of("paddle")], ["stepwise"], 5)
    by_run = {
        one.id: Observation("trace", "", 0 * one.scenario.expected + rate, one.scenario.expected)
        for one in runs
    }
    observed = Observations(by_run, {"torch": "2.13.0", "paddle": "3.3.1"})
    write_results(folder, runs, observed, results_of(runs, observed))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class FullDisk(io.BytesIO):
    """A file on a disk that has no space left."""

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("files_that_fit", [0, 1, 2])
def test_a_full_disk_leaves_the_earlier_files_and_names_the_one_that_failed(
    files_that_fit: int, monkeypatch: pytest.MonkeyPatch
):
    made(Path("out"), 0.1)
    before, real, opened = contents(Path("out")), os.fdopen, []

    def fdopen(handle: int, mode: str):
        opened.append(handle)
        if len(opened) <= files_that_fit:
            return real(handle, mode)
        os.close(handle)
        return FullDisk()

    monkeypatch.setattr(files.os, "fdopen", fdopen)
    name = ["traces/torch.jsonl", "traces/paddle.jsonl", "results.json"][files_that_fit]
    with pytest.raises(OSError, match=re.escape(f"No space left on device: 'out/{name}'")):
        made(Path("out"), 0.2)
    assert contents(Path("out")) == before


def test_a_full_disk_is_one_line_that_names_the_file(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lrspec.spec.recipe.load", no_space)
    assert refused(capsys, "trace", "bert") == "lrspec: out/results.json: no space left on device\n"


def no_space(_: object):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out/results.json")


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", range(12))
def test_a_kill_while_writing_leaves_no_files_of_two_runs(moment: int):
    """Each change of the file system is a moment; after a kill nothing more is done."""
    out = Path("out")
    made(out, 0.1)
    for name in ("index.html", "divergences.md"):
        (out / name).write_text("of the first run")
    first = contents(out)
    made(Path("other"), 0.2)
    second, changes = contents(Path("other")), []

    def counted(real):
        def change(*arguments, **named):
            if len(changes) == moment or "killed" in changes:
                changes.append("killed")
                raise Killed
            changes.append("")
            return real(*arguments, **named)

        return change

    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(Path, "unlink", counted(Path.unlink))
        patch.setattr(files.shutil, "rmtree", counted(files.shutil.rmtree))
        made(out, 0.2)
    left = {name: data for name, data in contents(out).items() if not name.startswith(".new")}
    whole = "results.json" in left
    assert left in (first, second) or not whole
    made(out, 0.2)
    assert contents(out) == second


@pytest.mark.parametrize(
    ("version", "warning"),
    [
        ("2.13.0", ""),
        ("2.13.1", "PyTorch 2.13.1 was run, and 2.13.0 is pinned"),
        ("2.99.0", "PyTorch 2.99.0 is outside the versions that are modeled"),
    ],
)
def test_another_version_than_the_pinned_one_is_named(version: str, warning: str):
    assert run_warning(backend_of("torch"), version).startswith(warning)
    assert bool(run_warning(backend_of("torch"), version)) == bool(warning)


def test_the_place_of_a_long_error_is_one_line():
    assert "\n" not in str(BadInput("$", "a\nb" * 100, "x"))
