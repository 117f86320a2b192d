"""Documentation that runs: every Python block, every docstring example; and every link leads somewhere."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import runpy
from pathlib import Path
from typing import NamedTuple

import pytest

import leadflow

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LANGUAGES = {"console", "csv", "html", "json", "make", "mermaid", "python", "sql", "text", "toml", "yaml"}
FENCE = re.compile(r"^( *)(`{3,}|~{3,})(.*)$")
MARK = re.compile(r"^<!--\s*(.*?)\s*-->$")
NOT_RUN = re.compile(r"not run: \S.{9,}")  # a reason is more than a word


class Block(NamedTuple):
    language: str
    code: str
    line: int  # of its first line in the page, from 1
    mark: str | None  # the HTML comment in the line above it


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a Markdown page, in order."""
    found: list[Block] = []
    lines = iter(enumerate(text.splitlines(), start=1))
    above = ""
    for number, line in lines:
        if fence := FENCE.match(line):
            indent, ticks, language = fence.groups()
            body = []
            for _, inside in lines:
                if inside.strip() == ticks:
                    break
                body.append(inside.removeprefix(indent))
            mark = MARK.match(above.strip())
            found.append(Block(language.strip(), "\n".join(body) + "\n", number + 1, mark[1] if mark else None))
        above = line
    return found


def defects(block: Block) -> str | None:
    """Why this block would silently not be run."""
    if block.language not in LANGUAGES:
        return f"line {block.line}: a block in {block.language!r}; known: {', '.join(sorted(LANGUAGES))}"
    if block.language == "python" and block.mark is not None and not NOT_RUN.fullmatch(block.mark):
        return f"line {block.line}: <!-- {block.mark} --> is not a mark; write <!-- not run: the reason -->"
    return None


def run(page: Path, text: str) -> int:
    """Run a page's Python blocks in one namespace; tracebacks name the page and its line."""
    names: dict[str, object] = {"__name__": "__main__"}
    running = [block for block in blocks(text) if block.language == "python" and block.mark is None]
    for block in running:
        exec(compile("\n" * (block.line - 1) + block.code, str(page), "exec"), names)
    return len(running)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.read_text(encoding="utf-8")
    assert [defect for block in blocks(text) if (defect := defects(block))] == []
    monkeypatch.chdir(tmp_path)
    run(page, text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in target]
    assert [one for one in targets if not (page.parent / one.split("#")[0]).exists()] == []


DRAW = runpy.run_path(str(ROOT / "docs" / "draw.py"))


@pytest.mark.parametrize("page", DRAW["PAGES"], ids=lambda page: page.name)
def test_what_is_drawn_of_the_code_is_as_the_code_is(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert DRAW["DRAWN"].search(text)
    assert text == DRAW["drawn"](text), "run: make docs"


# ----------------------------------------------------------------------------------------- everything public is there
def public_modules() -> list[str]:
    """Packages and modules of the top that offer something, without those that hosts don't import."""
    inside = {
        "buying_center",
        "cli",
        "decisions",
        "files",
        "flow",
        "languages",
        "lifecycle_checks",
        "moves",
        "quality",
        "rotation",
    }
    tops = [one.name for one in pkgutil.iter_modules(leadflow.__path__) if one.name not in {*inside, "stage_times"}]
    names = [f"leadflow.{name}" for name in tops] + ["leadflow.decisions.commands", "leadflow.adapters.sql"]
    return [name for name in names if getattr(importlib.import_module(name), "__all__", ())]


def mentioned(word: str, *pages: Path) -> bool:
    whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    return any(whole.search(page.read_text(encoding="utf-8")) for page in pages)


def test_the_reference_lists_every_public_module() -> None:
    assert sorted(DRAW["listed_modules"]()) == sorted(public_modules())


def test_every_name_of_leadflow_itself_and_every_method_is_on_a_page_about_a_job() -> None:
    """The reference holds a sentence for each; these few need no page."""
    pages = [
        page for page in PAGES if page.name not in {"reference.md", "decisions.md", "CHANGELOG.md", "architecture.md"}
    ]
    names = {*leadflow.__all__, *(name for name in dir(leadflow.LeadFlow) if not name.startswith("_"))}
    assert {"capture", "Ticked", "TwinSuspected"} <= names
    assert sorted(name for name in names if not mentioned(name, *pages)) == []


def test_every_command_is_in_the_page_of_the_command_line() -> None:
    import typer

    from leadflow.cli.commands import app

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    page = ROOT / "docs" / "command-line.md"
    assert len(commands) > 15
    assert [name for name in commands if not mentioned(f"leadflow {name}", page)] == []


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [
        page.name
        for page in (ROOT / "docs").glob("*.md")
        if page.name != "README.md" and f"]({page.name})" not in index
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    targets = [target.split("#") for target in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", prose) if "://" not in target]
    wrong = [
        f"{file}#{anchor}" for file, anchor in targets if anchor not in anchors((page.parent / file) if file else page)
    ]
    assert wrong == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def modules_with_examples() -> list[str]:
    root = Path(leadflow.__path__[0])
    paths = [path for path in sorted(root.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]
    names = [".".join(("leadflow", *path.relative_to(root).with_suffix("").parts)) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


@pytest.mark.parametrize("name", modules_with_examples())
def test_every_docstring_example_is_true(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# ------------------------------------------------------------------------------------------ the tester itself
def test_blocks_share_what_they_define_and_a_failure_names_its_line() -> None:
    page = "# A\n```python\nx = 1\n```\ntext\n```python\nassert x == 2\n```\n"
    with pytest.raises(AssertionError) as failure:
        run(Path("page.md"), page)
    assert failure.traceback[-1].lineno + 1 == 7


def test_a_block_is_left_out_only_for_a_reason() -> None:
    page = "<!-- not run: needs the network -->\n```python\n1 / 0\n```\n"
    assert [defects(block) for block in blocks(page)] == [None]
    assert run(Path("page.md"), page) == 0


@pytest.mark.parametrize("above", ["<!-- skip -->", "<!-- not run -->", "<!-- not run: why -->"])
def test_an_unknown_mark_is_a_defect(above: str) -> None:
    (block,) = blocks(f"{above}\n```python\n1\n```\n")
    assert "is not a mark" in (defects(block) or "")


@pytest.mark.parametrize("language", ["", "py", "Python", "python skip", "pycon"])
def test_a_block_in_an_unknown_language_is_a_defect(language: str) -> None:
    (block,) = blocks(f"```{language}\n1\n```\n")
    assert "known: console" in (defects(block) or "")
