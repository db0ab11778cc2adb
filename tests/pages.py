"""Looking at a page in a real browser."""

from axe_playwright_python.sync_playwright import Axe


def look_at(browser, path, width, scheme="light"):
    """Open a page at a width and in a colour scheme: axe finds nothing, nothing is fetched, it scrolls down alone."""
    requested = []
    opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    opened.on("request", lambda request: requested.append(request.url))
    opened.goto(path.as_uri())
    results = Axe().run(opened).response
    overflow = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    opened.close()
    assert [(wrong["id"], wrong["nodes"][0]["html"][:200]) for wrong in results["violations"]] == []
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []
    assert overflow <= 0, "the page itself scrolls sideways"
