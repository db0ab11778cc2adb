"""Looking at a page in a real browser."""

from axe_playwright_python.sync_playwright import Axe

ALIKE = 20  # rows of one table in which every kind of its cells occurs
# Contrast is looked at apart: axe is slow at it, and the rows of one table have the colours of the style sheet.
WITHOUT_CONTRAST = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
SHORTEN = f"document.querySelectorAll('tbody tr:nth-child(n + {ALIKE + 1})').forEach(row => row.remove())"


def look_at(browser, path, width, scheme="light"):
    """Open a page at a width and in a colour scheme: axe finds nothing, nothing is fetched, it scrolls down alone."""
    requested = []
    opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    opened.on("request", lambda request: requested.append(request.url))
    opened.goto(path.as_uri())
    wrong = Axe().run(opened, options=WITHOUT_CONTRAST).response["violations"]
    overflow = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    opened.evaluate(SHORTEN)
    wrong += Axe().run(opened, options=CONTRAST).response["violations"]
    opened.close()
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in wrong] == []
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []
    assert overflow <= 0, "the page itself scrolls sideways"
