"""The site: every page as it stands in the repository, built by Sphinx from its root with `make docs`.

Pages are plain Markdown that GitHub shows too, and no page is written for the site: links between them, to the task of an
assignment or to a source file stay as they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from grader import __version__

project = "backprop-grader"
author = "the authors of backprop-grader"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

# The sources are the root of the repository, so that links lead where they lead there.
root_doc = "README"
include_patterns = ["*.md", "docs/**.md", "assignments/*/task.md"]
exclude_patterns = [".*", "build", "grader", "reference", "tests", "assignments/*/submissions"]
myst_heading_anchors = 4
napoleon_google_docstring = False
# Docstrings mark code as Markdown does.
default_role = "code"
# A signature names types as they are imported there.
autodoc_typehints = "none"
autodoc_preserve_defaults = True
# What is shown of templates is CSS with Jinja2 in it, which no lexer knows.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "backprop-grader"
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}

READERS = ("docs/lecturer", "docs/student", "docs/assistant", "docs/authoring", "docs/developer")
PROJECT = ("CONTRIBUTING", "CHANGELOG")
LISTED = ("docs/slips/", "docs/decisions/", "assignments/")
"""Pages that are reached from one that lists them; in the margin they would be too many."""
INDEX = "docs/slips/README"


def _is_listed(page: str) -> bool:
    return page.startswith(LISTED) and page != INDEX


def _tree(caption: str, pages: Iterable[str]) -> str:
    return "\n".join(("", "", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""))


def _add_margin(app: Sphinx, page: str, content: list[str]) -> None:
    """Say on the first page what stands in the margin, and of pages that another one lists that they do not."""
    if _is_listed(page):
        content[0] = f"---\norphan: true\n---\n{content[0]}"
    elif page == root_doc:
        placed = {root_doc, *READERS, *PROJECT}
        subjects = sorted(one for one in app.env.found_docs if one not in placed and not _is_listed(one))
        content[0] += (
            _tree("Begin here", READERS) + _tree("By subject", subjects) + _tree("The project", PROJECT)
        )


def _folders_as_text(app: Sphinx, tree: nodes.document) -> None:
    """Show a link to a folder as its text: the site has no page for it."""
    beside = Path(app.env.doc2path(app.env.docname)).parent
    for link in list(tree.findall(addnodes.pending_xref)):
        if (beside / link["reftarget"]).is_dir():
            link.replace_self(link.children)


def _add_files(app: Sphinx, failed: Exception | None) -> None:
    """Add what raw HTML refers to, and the name that a server looks for."""
    if failed is None and app.builder.format == "html":
        out = Path(app.outdir)
        shutil.copytree(Path(app.srcdir) / "docs" / "pictures", out / "docs" / "pictures", dirs_exist_ok=True)
        shutil.copyfile(out / f"{root_doc}.html", out / "index.html")


def setup(app: Sphinx) -> None:
    """Connect the hooks."""
    app.connect("source-read", _add_margin)
    app.connect("doctree-read", _folders_as_text)
    app.connect("build-finished", _add_files)
