"""What must not stand in the project's files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".tsv",
    ".html",
    ".css",
    ".svg",
    ".txt",
    ".lock",
    "",
}
SKIP = {"_build", "_generated", "generated", "__pycache__", "results", "build", "dist"}

# Written in two parts, so that this file does not match itself.
EVERYWHERE = {
    "an absolute path of somebody's machine": r"(?<![\w.])/(?:wor" + r"k|home|Users|opt)/",
    "an unfinished place": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    "an address of a package index": r"index-" + r"url|files\.python" + r"hosted",
}
WHERE_MATTER_IS = ("model", "compile", "solve", "simulate")  # a colour scale may be cut, a pool not
CLAMP = r"\.cli" + r"p\("
IN_CODE = {
    "a net that catches everything": r"except (?:Base)?Exc" + r"eption\b|except" + r":",
    "a stub": r"NotImplemented" + r"Error",
    "an import of the package root": r"^\s*(?:import glutarium$|from glutarium import (?!_))",
}


def _files(*folders: str) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        found += [p for p in (ROOT / folder).rglob("*") if p.is_file() and p.suffix in TEXT]
    return [p for p in found if not SKIP & set(p.relative_to(ROOT).parts)]


def _hits(pattern: str, paths: list[Path]) -> list[str]:
    expression = re.compile(pattern, re.MULTILINE)
    hits = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for match in expression.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            hits.append(f"{path.relative_to(ROOT)}:{line}: {match.group().strip()}")
    return hits


@pytest.mark.parametrize("what", EVERYWHERE)
def test_nowhere_stands(what: str) -> None:
    loose = [p for p in ROOT.iterdir() if p.is_file() and p.suffix in TEXT]
    paths = _files("src", "tests", "docs", "examples", "benchmarks", ".ci") + loose
    assert len(paths) > 50
    allowed = "--no-emit-index-"  # the lock tells the option that keeps addresses out of it
    assert [h for h in _hits(EVERYWHERE[what], paths) if allowed not in _line(h)] == []


def _line(hit: str) -> str:
    path, number, _ = hit.split(":", 2)
    return (ROOT / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]


@pytest.mark.parametrize("what", IN_CODE)
def test_the_code_is_free_of(what: str) -> None:
    code = [p for p in _files("src") if p.suffix == ".py"]
    assert len(code) > 20
    assert _hits(IN_CODE[what], code) == []


def test_no_pool_is_clamped() -> None:
    rooms = _files(*(f"src/glutarium/{room}" for room in WHERE_MATTER_IS))
    assert _hits(CLAMP, [p for p in rooms if p.suffix == ".py"]) == []
