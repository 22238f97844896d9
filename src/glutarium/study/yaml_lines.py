"""YAML that remembers where everything stands, so that an error can name file and line.

A file is read into :class:`Node` trees, one per document. Scalars keep the text as it was written:
an arm may be called ``off`` and a genotype ``NO`` without YAML turning them into booleans.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import yaml

from glutarium.errors import Location, StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Document", "Node", "load_documents", "study_files"]

# libyaml's parser is ten times faster; PyYAML may have been built without it.
_Loader: TypeAlias = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[valid-type]
_SUFFIXES = (".yaml", ".yml")
_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a YAML document.

    Attributes
    ----------
    value
        Text of a scalar, mapping of nodes, list of nodes, or None for a null.
    location
        File and line where it starts.
    lines
        Line of each key, for a mapping: a value may start below its key.
    """

    value: str | dict[str, Node] | list[Node] | None
    location: Location
    lines: Mapping[str, int] = field(default_factory=dict)

    def where(self, key: str) -> Location:
        """Return file and line of a key of a mapping."""
        return Location(self.location.path, self.lines.get(key, self.location.line))

    @property
    def kind(self) -> str:
        """What it is, for messages."""
        if self.value is None:
            return "nothing"
        return {str: "text", dict: "a mapping", list: "a list"}[type(self.value)]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its tree and its text."""

    root: Node
    text: str


def study_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that are meant: files as they are, a folder's YAML files by name.

    Raises
    ------
    StudyError
        A path does not exist, or a folder holds no YAML file.
    """
    return [file for path in paths for file in _files_of(path)]


def load_documents(path: Path) -> list[Document]:
    """Read all documents of a YAML file.

    Raises
    ------
    StudyError
        The file cannot be read, is empty, is not YAML, or repeats a key; names file and line.
    """
    text = _read(path)
    lines = text.splitlines(keepends=True)
    try:
        roots = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        message, location = _describe(error, path)
        raise StudyError(message, location=location) from error
    trees = [(node, _Reader(path).read(node)) for node in roots]
    documents = [
        Document(tree, "".join(lines[node.start_mark.line : _line_after(node.end_mark)]))
        for node, tree in trees
        if tree.value is not None
    ]
    if not documents:
        message = "The file holds no study: write at least 'study', 'arms' and what to read out"
        raise StudyError(message, location=Location(path))
    return documents


def _line_after(mark: yaml.Mark) -> int:
    """First line that is not part of what ends at a mark; a block ends where the next line starts."""
    return int(mark.line) + (1 if mark.column else 0)


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix in _SUFFIXES and p.is_file())
        if not found:
            message = f"The folder {str(path)!r} holds no study (no file ending in .yaml or .yml)"
            raise StudyError(message, location=Location(path))
        return found
    if not path.is_file():
        message = f"There is no file or folder {str(path)!r}: give a study file or a folder of them"
        raise StudyError(message, location=Location(path))
    return [path]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The file cannot be read as UTF-8 text: {error}"
        raise StudyError(message, location=Location(path)) from error


def _describe(error: yaml.YAMLError, path: Path) -> tuple[str, Location]:
    """Return one sentence and the line for an error of the YAML parser."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = None if mark is None else mark.line + 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    message = f"This is not YAML: {problem}. Look at indentation, quotes and brackets there."
    return message, Location(path, line)


class _Reader:
    """Turns PyYAML's nodes into ours; one alias used twice is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[int, Node] = {}
        self._open: set[int] = set()

    def read(self, node: yaml.Node) -> Node:
        known = self._done.get(id(node))
        if known is not None:
            return known
        location = self._location(node)
        if id(node) in self._open:
            message = "An alias contains itself: write the conditions out"
            raise StudyError(message, location=location)
        self._open.add(id(node))
        lines = self._lines(node) if isinstance(node, yaml.MappingNode) else {}
        result = self._done[id(node)] = Node(self._value(node), location, lines)
        self._open.discard(id(node))
        return result

    def _value(self, node: yaml.Node) -> str | dict[str, Node] | list[Node] | None:
        if isinstance(node, yaml.MappingNode):
            return {key.value: self.read(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child) for child in node.value]
        return None if node.tag == _NULL else str(node.value)

    def _lines(self, node: yaml.MappingNode) -> dict[str, int]:
        """Return the line of each key; refuse a key that stands twice or is no plain word."""
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                message = "A key must be a plain word"
                raise StudyError(message, location=self._location(key))
            if key.value in lines:
                message = f"The key {key.value!r} stands twice (first in line {lines[key.value]})"
                raise StudyError(message, location=self._location(key))
            lines[key.value] = key.start_mark.line + 1
        return lines

    def _location(self, node: yaml.Node) -> Location:
        return Location(self._path, node.start_mark.line + 1)
