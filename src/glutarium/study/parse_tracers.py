"""Reads the key ``tracer``: one name, a list of several, or a mapping of names to labelled shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import StudyError
from glutarium.model.tracers import JOINT, looks_like_tracer
from glutarium.names import CONDITION_KINDS
from glutarium.study.fields import as_list, as_mapping, as_share, as_text

if TYPE_CHECKING:
    from glutarium.errors import Location
    from glutarium.names import Vocabulary
    from glutarium.study.yaml_lines import Node

__all__ = ["parse_purity", "parse_tracers"]

KEY = "tracer"


def parse_tracers(node: Node, vocabulary: Vocabulary) -> str:
    """Tracers in the form that :func:`glutarium.model.tracers.read_tracers` takes.

    Parameters
    ----------
    node
        ``U-13C-glutamine``; ``[U-13C-glucose, amide-15N-glutamine]``; or
        ``{U-13C-glucose: 0.5, "1,2-13C-glucose": 0.5}``.
    vocabulary
        Known names. A name that is not among them may label any position of a known metabolite.

    Raises
    ------
    UnknownNameError, StudyError, UnitError
        A name or a share that is none.
    """
    if isinstance(node.value, dict):
        shares = as_mapping(node, KEY)
        parts = [
            f"{as_share(share, name, 'labelled share')!r} {_resolved(name, vocabulary, share.location)}"
            for name, share in shares.items()
        ]
        return JOINT.join(parts)
    names = (
        _resolved(as_text(item, KEY), vocabulary, item.location) for item in as_list(node, KEY)
    )
    return JOINT.join(names)


def parse_purity(node: Node) -> float:
    """Purity of tracers: above zero, up to one.

    Raises
    ------
    StudyError, UnitError
        Something else.
    """
    share = as_share(node, "tracer_purity", "purity")
    if share == 0.0:
        message = (
            "tracer_purity: 0 leaves no label; give the share of labelled positions that are heavy, "
            "such as 0.99"
        )
        raise StudyError(message, location=node.location)
    return share


def _resolved(text: str, vocabulary: Vocabulary, location: Location) -> str:
    """Name of a tracer; of one at other positions, with the name of its metabolite."""
    parts = looks_like_tracer(text)
    if vocabulary.find(text, CONDITION_KINDS[KEY]) is None and parts is not None:
        marked, nutrient = parts
        return marked + vocabulary.resolve(nutrient, "metabolite", location=location)
    return vocabulary.resolve(text, CONDITION_KINDS[KEY], location=location)
