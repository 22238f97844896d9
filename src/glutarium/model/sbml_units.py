"""Units of an SBML document, defined at their first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glutarium.model.sbml_element import Filler
from glutarium.model.sbml_parts import base_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from glutarium.model.sbml_parts import BaseUnit

__all__ = ["Units"]


class Units:
    """Unit definitions of one model.

    Parameters
    ----------
    lib, model
        The library and the model to fill.
    """

    def __init__(self, lib: ModuleType, model: Any) -> None:  # noqa: ANN401 - libSBML has no types
        self._lib = lib
        self._model = model
        self._fill = Filler(lib).fill
        self._known: dict[str, str | None] = {"1": "dimensionless"}

    def unit(self, text: str) -> str | None:
        """Id of a unit; None for what SBML cannot say."""
        if text not in self._known:
            parts = base_units(text)
            self._known[text] = None if parts is None else self._define(text, parts)
        return self._known[text]

    def _define(self, text: str, parts: Sequence[BaseUnit]) -> str:
        """Define a unit; such ids have a namespace of their own."""
        words = "_per_".join(text.split("/")).removeprefix("1_")
        sid = f"unit_{words}"
        definition = self._model.createUnitDefinition()
        self._fill(definition, id=sid, name=text)
        for part in parts:
            unit = definition.createUnit()
            kind = self._lib.UnitKind_forName(part.kind)
            self._fill(unit, **{**part._asdict(), "kind": kind})
        return sid
