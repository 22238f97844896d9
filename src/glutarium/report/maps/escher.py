"""A map in the JSON of Escher, so that it can be opened, changed and coloured there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from glutarium.knowledge.equations import parse_genes
from glutarium.report.maps.roles import metabolite_of

if TYPE_CHECKING:
    from glutarium.report.maps.atlas import Atlas
    from glutarium.report.maps.layout import Layout
    from glutarium.report.maps.lines import Line
    from glutarium.report.maps.shapes import Point, Station

__all__ = ["escher_json"]

SCHEMA = "https://escher.github.io/escher/jsonschema/1-0-0#"


def escher_json(atlas: Atlas, layout: Layout, title: str) -> str:
    """Write a layout as an Escher map.

    Species are named as in the SBML of this model (``gln_m``), reactions by their ids. Words beside a
    reaction are secondary nodes.

    Parameters
    ----------
    atlas
        The network.
    layout
        What is drawn.
    title
        Name of the map.
    """
    sheet = _Sheet(atlas, layout)
    head = {
        "map_name": title,
        "map_id": "glutarium",
        "map_description": "Laid out by Glutarium",
        "homepage": "https://escher.github.io",
        "schema": SCHEMA,
    }
    return json.dumps([head, sheet.body()], indent=1, sort_keys=True) + "\n"


class _Sheet:
    """Nodes and reactions with ids that count up in the order of the layout."""

    def __init__(self, atlas: Atlas, layout: Layout) -> None:
        self.atlas = atlas
        self.layout = layout
        self.used = 0
        self.nodes: dict[str, dict[str, Any]] = {}
        self.spots: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        for spot in self.layout.spots:
            label = (spot.box.left, spot.box.top - 2)
            self.spots[spot.species] = self._species(spot.species, spot.at, label, primary=True)
        lines: dict[str, list[Line]] = {}
        for line in self.layout.lines:
            lines.setdefault(line.reaction, []).append(line)
        reactions = {
            self._next(): self._reaction(station, lines.get(station.reaction, []))
            for station in self.layout.stations
        }
        titles = {
            self._next(): {"x": room.at[0], "y": room.at[1], "text": room.title}
            for room in self.layout.rooms
        }
        size = {"x": 0, "y": 0, "width": self.layout.width, "height": self.layout.height}
        return {"reactions": reactions, "nodes": self.nodes, "text_labels": titles, "canvas": size}

    def _next(self) -> str:
        self.used += 1
        return str(self.used)

    def _species(self, species: str, at: Point, label: Point, *, primary: bool) -> str:
        key = self._next()
        self.nodes[key] = {
            "node_type": "metabolite",
            "x": round(at[0], 1),
            "y": round(at[1], 1),
            "bigg_id": species,
            "name": self.atlas.base.metabolites[metabolite_of(species)].name,
            "label_x": round(label[0], 1),
            "label_y": round(label[1], 1),
            "node_is_primary": primary,
        }
        return key

    def _reaction(self, station: Station, lines: list[Line]) -> dict[str, Any]:
        middle = self._next()
        x, y = station.at
        self.nodes[middle] = {"node_type": "midmarker", "x": x, "y": y}
        segments = {}
        for line in lines:
            ends = (self.spots[line.species], middle)
            ends = ends if line.enters else ends[::-1]
            segments[self._next()] = _segment(ends, line.controls)
        for word in station.words:
            at = ((word.box.left + word.box.right) / 2, (word.box.top + word.box.bottom) / 2)
            node = self._species(word.species, at, (word.box.left, word.box.bottom), primary=False)
            ends = (node, middle) if word.consumed else (middle, node)
            segments[self._next()] = _segment(ends, None)
        record = self.atlas.base.reactions[station.reaction]
        row = self.atlas.network.reactions[station.reaction]
        genes = [gene for way in parse_genes(record.genes) for gene in way.genes]
        rule = " or ".join(" and ".join(way.genes) for way in parse_genes(record.genes))
        return {
            "name": record.name,
            "bigg_id": station.reaction,
            "reversibility": row.reversible,
            "label_x": round(station.label.left, 1),
            "label_y": round(station.label.bottom, 1),
            "gene_reaction_rule": rule,
            "genes": [{"bigg_id": gene, "name": gene} for gene in dict.fromkeys(genes)],
            "metabolites": [{"bigg_id": s, "coefficient": n} for s, n in row.stoichiometry.items()],
            "segments": segments,
        }


def _segment(ends: tuple[str, str], controls: tuple[Point, Point] | None) -> dict[str, Any]:
    first, second = (
        ({"x": round(p[0], 1), "y": round(p[1], 1)} for p in controls) if controls else (None, None)
    )
    return {"from_node_id": ends[0], "to_node_id": ends[1], "b1": first, "b2": second}
