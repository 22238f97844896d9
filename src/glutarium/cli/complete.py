"""Shell completion of study files and of names in the vocabulary."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "complete_controlled",
    "complete_folder",
    "complete_map",
    "complete_medium",
    "complete_name",
    "complete_study",
]

_SUFFIXES = (".yaml", ".yml")
_MOST = 40  # more completions than fit a screen help nobody


def complete_study(incomplete: str) -> list[tuple[str, str]]:
    """Study files and folders that begin with what was typed, each with its first title."""
    typed = Path(incomplete)
    folder = typed if incomplete.endswith("/") or not incomplete else typed.parent
    if not folder.is_dir():
        return []
    found = sorted(p for p in folder.iterdir() if str(p).startswith(str(typed)) or folder == typed)
    studies = [(str(p), _title(p)) for p in found if p.suffix in _SUFFIXES]
    folders = [(f"{p}/", "folder") for p in found if p.is_dir() and not p.name.startswith(".")]
    return [*studies, *folders]


def complete_folder(incomplete: str) -> list[tuple[str, str]]:
    """Folders that begin with what was typed; one with tables of a network is called that."""
    typed = Path(incomplete)
    folder = typed if incomplete.endswith("/") or not incomplete else typed.parent
    if not folder.is_dir():
        return []
    found = sorted(p for p in folder.iterdir() if str(p).startswith(str(typed)) or folder == typed)
    return [(f"{p}/", _kind(p)) for p in found if p.is_dir() and not p.name.startswith(".")]


def _kind(folder: Path) -> str:
    tables = (folder / "reactions.tsv").exists() or (folder / "pathways").is_dir()
    return "tables of a network" if tables else "folder"


def complete_medium(incomplete: str) -> list[tuple[str, str]]:
    """Media that begin with what was typed, each with its full name."""
    from glutarium.knowledge.base import load

    start = incomplete.casefold()
    media = load().media_names
    return [(m.medium, m.name) for m in media if m.medium.casefold().startswith(start)]


def _title(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    titles = (line.removeprefix("title:").strip() for line in lines if line.startswith("title:"))
    return next(titles, "")


def complete_name(incomplete: str) -> list[tuple[str, str]]:
    """Names of the vocabulary that begin with what was typed, each with its kind."""
    from glutarium.knowledge.vocabulary import vocabulary

    start = incomplete.casefold()
    hits = vocabulary().search(incomplete, _MOST)
    return [(hit.name, hit.kind) for hit in hits if hit.name.casefold().startswith(start)]


def complete_map(incomplete: str) -> list[tuple[str, str]]:
    """Pathways, reactions and metabolites that begin with what was typed, each with its kind."""
    from glutarium.knowledge.base import load
    from glutarium.model.network import load_network
    from glutarium.report.maps.select import map_names

    start = incomplete.casefold()
    known = map_names(load_network(load()))
    found = sorted(name for name in known if name.casefold().startswith(start))
    return [(name, known[name]) for name in found[:_MOST]]


def complete_controlled(incomplete: str) -> list[tuple[str, str]]:
    """Growth, reactions and species that begin with what was typed, each with its name."""
    from glutarium.knowledge.base import load
    from glutarium.model.network import load_network

    network = load_network(load())
    known = {"growth_rate": "specific growth rate"}
    known |= {r.id: r.name for r in network.reactions.values()}
    known |= {s: "pool" for s in network.in_compartment("c", "m", "b")}
    return sorted((n, what) for n, what in known.items() if n.startswith(incomplete))[:_MOST]
