"""Configuration of the documentation; `make docs` builds it."""

from pathlib import Path

from nvslib import __version__
from nvslib.tables import load_table, table_names

project = "NVS Workbench"
release = __version__
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "NVS Workbench"
html_show_copyright = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
nitpicky = False
exclude_patterns = ["_build"]
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository that are no page here


def _tables_page() -> str:
    """Return the reference of all tables, from their definitions."""
    lines = ["# Tables", "", "Made from the definitions in `src/nvslib/tables/`, which the checks use as well."]
    for kind, heading in (("input", "What is delivered"), ("result", "What is computed")):
        lines += ["", f"## {heading}"]
        for name in table_names(kind):
            table = load_table(name)
            lines += [
                "",
                f"### `{name}`",
                "",
                f"{table.about['en']} Key: {', '.join(f'`{key}`' for key in table.key)}.",
            ]
            lines += ["", "| column | in Dutch | type | what it is | what may stand in it |", "|---|---|---|---|---|"]
            for column in table.columns.values():
                allowed = ", ".join(
                    f"`{choice}`" + (f" ({column.dutch_choices[choice]})" if choice in column.dutch_choices else "")
                    for choice in column.choices
                )
                if column.minimum is not None:
                    allowed = f"{column.minimum:g} or more"
                if column.maximum is not None:
                    allowed = f"{column.minimum:g} to {column.maximum:g}"
                if column.refers_to:
                    allowed = f"a `{load_table(column.refers_to).key[0]}` of `{column.refers_to}`"
                allowed += ", several with semicolons between" if column.many else ""
                if kind == "input" and not column.required:
                    allowed = f"{allowed or 'anything'}, or nothing"
                if column.formula:
                    allowed = f"formula `{column.formula}`"
                lines.append(
                    f"| `{column.name}` | {column.dutch} | {column.type} | {column.meaning['en']} | {allowed} |"
                )
    return "\n".join(lines) + "\n"


Path(__file__).with_name("tables.md").write_text(_tables_page(), "utf-8")
