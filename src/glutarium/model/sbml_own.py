"""Our own annotation in an SBML file: what SBML has no word for, so that nothing is lost.

Elements that stand for a part of a specification carry one; what lacks it only serves other programs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["numbers_of", "own", "read_own", "text_of"]

_NAMESPACE = "https://glutarium.org/sbml/1"


def own(kind: str, attributes: Mapping[str, object], inside: Iterable[str] = ()) -> str:
    """XML of an annotation."""
    words = "".join(f" {k}={quoteattr(_text(v))}" for k, v in attributes.items())
    body = "".join(inside)
    return f'<g:{kind} xmlns:g="{_NAMESPACE}"{words}>{body}</g:{kind}>'


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def text_of(numbers: Mapping[str, float]) -> str:
    """Numbers by name, in order: ``gln_c:-1.0 glu_c:1.0``."""
    return " ".join(f"{name}:{value!r}" for name, value in numbers.items())


def numbers_of(text: str) -> dict[str, float]:
    """Read what :func:`text_of` wrote."""
    pairs = (word.rpartition(":") for word in text.split())
    return {name: float(value) for name, _, value in pairs}


def read_own(element: Any) -> list[tuple[str, dict[str, str]]]:  # noqa: ANN401 - libSBML has no types
    """Kind and attributes of our annotation of an element and of what lies in it; empty without."""
    annotation = element.getAnnotation()
    if annotation is None:
        return []
    found: list[tuple[str, dict[str, str]]] = []
    queue = [annotation.getChild(i) for i in range(annotation.getNumChildren())]
    while queue:
        node = queue.pop(0)
        if node.getURI() != _NAMESPACE:
            continue
        at = node.getAttributes()
        attributes = {at.getName(i): _plain(at.getValue(i)) for i in range(at.getLength())}
        found.append((node.getName(), attributes))
        queue += [node.getChild(i) for i in range(node.getNumChildren())]
    return found


def _plain(text: str) -> str:
    """Values as they were meant, however the library keeps the five named characters."""
    named = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
    return re.sub(r"&(lt|gt|quot|apos|amp);", lambda m: named[m[1]], text)
