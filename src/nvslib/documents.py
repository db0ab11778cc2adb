"""From one Typst source to a self-contained HTML file and an accessible, archivable PDF."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from nvslib.charts import font_folder
from nvslib.problems import Problem

PDF_STANDARDS: Any = ["ua-1", "a-2a"]


def render(
    template: Path, root: Path, data: dict[str, Any], date: dt.date | None, forms: tuple[str, ...] = ("html", "pdf")
) -> dict[str, bytes]:
    """Return a document as ``{"html": ..., "pdf": ...}``, or one of these; the same input gives the same bytes.

    Parameters
    ----------
    template
        The Typst source; it reads ``data`` with ``json(bytes(sys.inputs.data))``. Text in it is data to Typst, never
        markup, so nothing that stands in a workbook can become code.
    root
        The folder outside which Typst reads no file.
    data
        What the template prints, in one language.
    date
        The date that the document bears, if any; the clock is not asked.
    forms
        Which of html and pdf to make.

    Raises
    ------
    Problem
        Typst refuses the source, or the PDF would not meet PDF/UA-1 and PDF/A-2a.
    """
    import typst

    moment = int(dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp()) if date else 0
    try:
        compiler = _compiler(template, root, data)
        made: dict[str, Any] = {}
        if "pdf" in forms:
            made["pdf"] = compiler.compile(format="pdf", pdf_standards=PDF_STANDARDS, timestamp=moment)
        if "html" in forms:
            made["html"] = compiler.compile(format="html", timestamp=moment)
    except typst.TypstError as error:
        raise Problem(f"{template.name}: {error.message} {' '.join(error.hints)}".strip()) from None
    if not all(isinstance(content, bytes) for content in made.values()):
        raise TypeError(f"{template.name}: Typst gave no single document")
    if "html" in made:
        style = template.with_name("house.css").read_text("utf-8")
        made["html"] = _with_style(made["html"].decode("utf-8"), style)
    return made


def printed(template: Path, root: Path, data: dict[str, Any]) -> list[str]:
    """Return the names of the facts that a document prints, in the order in which they first stand in it."""
    import typst

    try:
        found = json.loads(_compiler(template, root, data).query("<printed-fact>", field="value", format="json"))
    except typst.TypstError as error:
        raise Problem(f"{template.name}: {error.message} {' '.join(error.hints)}".strip()) from None
    return list(dict.fromkeys(found))


def _compiler(template: Path, root: Path, data: dict[str, Any]) -> Any:
    import typst

    return typst.Compiler(
        template,
        root=root,
        font_paths=[font_folder()],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def _with_style(page: str, style: str) -> bytes:
    """Return the page with its style sheet inside, and a policy that lets it load nothing from anywhere."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style></head>'
    return page.replace("</head>", head, 1).encode("utf-8")
