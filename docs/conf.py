"""Configuration of the documentation; build it with ``sphinx-build -W docs docs/_build``."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "Glutarium"
author = "The Glutarium developers"
project_copyright = "The Glutarium developers, Apache-2.0"
release = version = installed_version("glutarium")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
    "api_pages",
    "axis_pages",
    "command_pages",
    "knowledge_tables",
    "niche_pages",
]
exclude_patterns = ["_build", "_ext"]
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

bibtex_bibfiles = ["../src/glutarium/knowledge/data/sources.bib", "methods.bib"]
bibtex_default_style = "unsrt"
bibtex_reference_style = "author_year"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False  # the signature shows them; in the text `bool_` reads as a link
napoleon_use_rtype = False
# Annotations name types by their short name; where two rooms share one, the link takes the first.
suppress_warnings = ["ref.python"]

html_theme = "pydata_sphinx_theme"
html_title = "Glutarium"
html_static_path = ["_static"]
html_css_files = ["glutarium.css"]
html_show_sourcelink = False
html_theme_options = {"show_prev_next": True, "navigation_with_keys": False}
