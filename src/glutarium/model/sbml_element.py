"""How elements of an SBML document are filled: attributes, notes, identifiers, our own annotation."""

from __future__ import annotations

import importlib
import math
import re
from html import escape
from typing import TYPE_CHECKING, Any

from glutarium.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["Exact", "Filler", "libsbml"]

_DIGITS = 15  # what libSBML writes of a number
_STAND_IN, _PLACES = "98765432", 7  # together as many digits


def libsbml() -> ModuleType:
    """The library.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        return importlib.import_module("libsbml")
    except ImportError as error:
        package, extra = "python-libsbml", "sbml"
        raise MissingExtraError(package, extra) from error


class Filler:
    """Sets what elements have; libSBML answers a bad value with a code, which is easily missed.

    Parameters
    ----------
    lib
        The module ``libsbml``.
    """

    def __init__(self, lib: ModuleType) -> None:
        self._lib = lib

    def fill(self, element: Any, **attributes: object) -> None:  # noqa: ANN401 - libSBML has no types
        """Set attributes.

        Raises
        ------
        ModelError
            libSBML refuses a value.
        """
        for name, value in attributes.items():
            code = getattr(element, f"set{name[0].upper()}{name[1:]}")(value)
            if code != self._lib.LIBSBML_OPERATION_SUCCESS:
                reason = self._lib.OperationReturnValue_toString(code)
                message = f"{element.getElementName()}: libSBML refuses {name} {value!r}: {reason}"
                raise ModelError(message)

    def note(self, element: Any, *paragraphs: str) -> None:  # noqa: ANN401
        """Text for people."""
        body = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
        self.fill(element, notes=f'<body xmlns="http://www.w3.org/1999/xhtml">{body}</body>')

    def identify(self, element: Any, uris: Sequence[str]) -> None:  # noqa: ANN401
        """Say what the element is."""
        if not uris:
            return
        term = self._lib.CVTerm(self._lib.BIOLOGICAL_QUALIFIER)
        self.fill(term, biologicalQualifierType=self._lib.BQB_IS)
        for uri in uris:
            term.addResource(uri)
        self.fill(element, metaId=f"meta_{element.getId()}")
        element.addCVTerm(term)

    def annotate(self, element: Any, xml: str) -> None:  # noqa: ANN401
        """Add our own annotation."""
        code = element.appendAnnotation(f"<annotation>{xml}</annotation>")
        if code != self._lib.LIBSBML_OPERATION_SUCCESS:
            reason = self._lib.OperationReturnValue_toString(code)
            message = (
                f"{element.getElementName()}: libSBML refuses the annotation {xml!r}: {reason}"
            )
            raise ModelError(message)

    def identities(self, element: Any) -> tuple[str, ...]:  # noqa: ANN401
        """What :meth:`identify` said."""
        terms = [element.getCVTerm(i) for i in range(element.getNumCVTerms())]
        return tuple(t.getResourceURI(i) for t in terms for i in range(t.getNumResources()))


class Exact:
    """Numbers in full: libSBML writes 15 digits, which is not always the number that was meant.

    Such a number goes into the document as a stand-in of 15 digits and is put in its place in the text.
    """

    def __init__(self) -> None:
        self._stands: dict[float, str] = {}

    def number(self, value: float) -> float:
        """The number to give to the library."""
        if not math.isfinite(value) or float(f"{value:.{_DIGITS}g}") == value:
            return value
        if value not in self._stands:
            # The last digit is never zero, so none is cut off.
            self._stands[value] = f"{_STAND_IN}.{10 * len(self._stands) + 1:0{_PLACES}d}"
        return float(self._stands[value])

    def text(self, document: str) -> str:
        """The document with every number in full."""
        full = {stand: repr(value) for value, stand in self._stands.items()}
        pattern = rf"{_STAND_IN}\.\d{{{_PLACES}}}"
        return re.sub(pattern, lambda found: full[found[0]], document)
