"""The public summary is for everybody: short sentences, short words, no word that only the trade knows.

Flesch-Douma is the Dutch form of Flesch's reading ease: 206.84 - 0.93 x words per sentence - 77 x syllables per word
(W.H. Douma, De leesbaarheid van landbouwbladen, Wageningen 1960; formula and norms as quoted in 1977, dbnl.org,
_taa014197701_01_0089). Sixty and more is "standard", seventy and more "fairly easy". It sees lengths alone: that a text
passes does not show that it is clear, that it fails shows that it is not. No official table joins its scores to the
level B1; the usual convention, used here, is sixty for a text as a whole.
"""

import re
from html.parser import HTMLParser

import pytest
from workbench import ILLUSTRATIVE, ROOT

WHOLE, OWN, ADVICE = 60, 70, 70
LONGEST = 15  # words in a sentence of our own
# Around these a Dutch syllable is built, the longest first; a diaeresis begins a new one.
NUCLEUS = re.compile(r"eau|aai|ooi|oei|eeuw?|ieuw?|aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|ai|au|ou|[aeiouy\u00e0-\u00ff]")
SKIPPED = {"table", "figcaption", "h1", "h2", "h3", "nav", "header", "a", "code", "style", "title", "small"}
BLOCKS = {"p", "li", "div", "br", "ul", "main"}
ENDS = ("Wederhoor", "Hoe elk cijfer")  # with these the annexes begin
JARGON = {
    "nl": ("scenario", "impact", "criteri", "capaciteit", "weging", "rubricering", "indicator", "actor", "statelijk"),
    "en": ("scenario", "impact", "criteri", "capabilit", "weighing", "indicator", "actor", "stakeholder"),
}


def syllables(word):
    word = re.sub(r"(?<![aeiou])y(?=[aeiou])", "j", word.lower().replace("qu", "kw"))
    return max(1, len(NUCLEUS.findall(word)))


def words(sentence):
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", sentence)


def sentences(text):
    return [one.strip() for one in re.split(r"(?<=[.?!:;])\s+", " ".join(text.split())) if words(one)]


def reading_ease(told):
    every = [word for sentence in told for word in words(sentence)]
    return 206.84 - 0.93 * len(every) / len(told) - 77 * sum(map(syllables, every)) / len(every)


class Prose(HTMLParser):
    """The running text of a page: no headings, tables, links or code, and no numbers or names that are facts."""

    def __init__(self, page):
        super().__init__()
        self.depth, self.blocks = 0, [""]
        self.feed(page)

    def handle_starttag(self, tag, _):
        self.depth += tag in SKIPPED
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_endtag(self, tag):
        self.depth -= tag in SKIPPED
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_data(self, text):
        if not self.depth:
            self.blocks[-1] += text


def prose(page):
    page = page[page.index("<main") :]
    ends = [
        found.start()
        for found in re.finditer(r"<h2[^>]*>", page)
        if any(e in page[found.start() :][:200] for e in ENDS)
    ]
    return Prose(page[: min(ends)]).blocks


def delivered(made, cycle, table, *columns):
    rows = made.read_table(cycle, table).to_dict("records")
    return {sentence for row in rows for column in columns for sentence in sentences(row[column])}


@pytest.fixture(scope="module", params=ILLUSTRATIVE)
def told(request, made):
    """The distinct sentences of the summary: all, our own, and those of the advice."""
    page = (made.results(request.param, "reports") / "public-summary.nl.html").read_text("utf-8")
    every = list(dict.fromkeys(one for block in prose(page) for one in sentences(block)))
    advice = delivered(made, request.param, "public_advice", "does_nl", "cannot_nl", "asks_nl")
    described = delivered(made, request.param, "scenarios", "description_nl")
    own = [one for one in every if not any(one in other or other in one for other in advice | described)]
    return {"all": every, "own": own, "advice": [one for one in every if one in advice]}


@pytest.mark.parametrize(
    ("word", "count"),
    [("weer", 1), ("ziekenhuis", 3), ("overheid", 3), ("quiz", 1), ("bureau", 2), ("ideeën", 3), ("waarschijnlijk", 3)],
)
def test_syllables(word, count):
    assert syllables(word) == count


def test_the_measure_is_what_its_formula_says():
    assert reading_ease(["Ik eet een appel."]) == pytest.approx(206.84 - 0.93 * 4 - 77 * 5 / 4)


def test_the_summary_reads_easily(told):
    assert len(told["own"]) > 20
    assert len(told["advice"]) > 20
    assert reading_ease(told["all"]) >= WHOLE
    assert reading_ease(told["own"]) >= OWN
    assert reading_ease(told["advice"]) >= ADVICE


def test_no_sentence_of_our_own_is_long(told):
    assert [one for one in told["own"] if len(words(one)) > LONGEST] == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_our_own_texts_hold_no_word_of_the_trade(language):
    text = (ROOT / "reports" / "texts" / language / "public-summary.yaml").read_text("utf-8")
    told = " ".join(re.findall(r": (.*)", text)).lower()
    told = re.sub(r"{[^{}]*}", "", told)
    assert [word for word in JARGON[language] if word in told] == []
