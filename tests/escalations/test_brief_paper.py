"""A brief on paper: one page whatever stands in it, the words of its page in their order, and at each level no others."""

import re
import zlib
from decimal import Decimal
from html import unescape
from itertools import cycle, islice
from typing import Any

import pytest

from escalations import actions
from escalations.choices.briefs import MAX_EXPOSURE, MAX_LINES, MAX_NEXT, MAX_PEOPLE, MAX_SITUATION
from escalations.models import Brief, BriefCopy, Case
from escalations.queries import briefs as known
from escalations.rendering.briefs import SHEETS, body_of, drawn, markup_of, sheet_of
from escalations.rules.briefs.building import Exposure
from escalations.rules.briefs.levels import ORDER
from portal.ui.pdf import laid_out
from tests.escalations.briefing import SECRETS, rich_case, said, written
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db
#: A sentence as people write it, and what takes the most room of all.
SENTENCES = {
    "en": "The guest was told that the refund is on its way, and waits for it with two children. ",
    "zh-hans": "客人被告知退款正在路上，目前带着两个孩子在酒店大堂等待处理结果。",
    "wide": "W",
}
#: The size of type that the longest of them needs at most.
SMALLEST_READ = 4


@pytest.fixture
def here() -> World:
    return world()


def text_of(kind: str, limit: int) -> str:
    """A text as long as its bound allows."""
    room = limit // 2 if kind == "zh-hans" else limit
    return "".join(islice(cycle(SENTENCES[kind]), room)).strip()


def longest(here: World, kind: str) -> Brief:
    """Two versions that differ everywhere, the second as long as all bounds allow."""
    long = text_of(kind, 200)
    case = here.case(long, customer_ref="C-77-" + "8" * 75)
    who = here.actor("associate")
    for key in ("booking", "identity", "what_happened", "safety", "tried", "reported"):
        actions.record_fact(actor=who, ref=case.pk, key=key, text=text_of(kind, 2000), source="checked")
    for _n in range(MAX_LINES):
        actions.log_contact(
            actor=who, ref=case.pk, channel="messaging", direction="out", outcome="voicemail", text=text_of(kind, 2000)
        )
    language = "zh-hans" if kind == "zh-hans" else "en"
    said_first = actions.Writing(language, situation="First", neutral="First")
    actions.write_brief(actor=who, ref=case.pk, writing=said_first)
    words = text_of(kind, MAX_EXPOSURE)
    everything: dict[str, Any] = {
        "language": language,
        "situation": text_of(kind, MAX_SITUATION),
        "neutral": text_of(kind, MAX_SITUATION),
        "next_step": text_of(kind, MAX_NEXT),
        "exposure": Exposure(Decimal("999999999999.99"), "EUR", MAX_PEOPLE, "regulator", words, "social", words),
        "who": here.users["associate"].pk,
        "by": case.opened_at,
    }
    case.refresh_from_db()
    return actions.write_brief(actor=who, ref=case.pk, writing=said(case, **everything))


def given(here: World, brief: Brief, level: str, name: str = "Board") -> BriefCopy:
    """A copy for somebody without an account, or in full for a colleague."""
    who = {"reader_id": here.users["service_lead"].pk} if level == "full" else {"name": name, "reason": "They asked"}
    actor = here.actor("service_lead")
    return actions.give_brief(actor=actor, ref=brief.case_id, version=brief.version, level=level, **who)


def words_on_paper(copy: BriefCopy) -> str:
    """What is drawn, in its order, without the breaks that lines made."""
    paper = laid_out(markup_of(sheet_of(copy.brief, copy.level, copy)), SHEETS)
    boxes = [box for page in paper.pages for box in page._page_box.descendants()]
    return squeezed("".join(box.text for box in boxes if getattr(box, "text", None)))


def words_on_page(here: World, who: str, url: str) -> str:
    html = here.client(who).get(url).content.decode()
    article = html[html.index("<article") : html.index("</article>")]
    return squeezed(unescape(re.sub(r"<[^>]+>", "", article)))


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", SENTENCES)
def test_the_longest_brief_is_one_page(here: World, kind: str) -> None:
    sheet = sheet_of(longest(here, kind), "full")
    assert len(drawn(sheet).pages) == 1
    if kind != "wide":
        assert len(laid_out(markup_of(sheet, SMALLEST_READ), SHEETS).pages) == 1, "what people write needs no lens"


def test_a_usual_brief_needs_no_smaller_type(here: World) -> None:
    copy = given(here, written(here, rich_case(here)), "full")
    assert len(laid_out(markup_of(sheet_of(copy.brief, "full", copy), 0), SHEETS).pages) == 1


@pytest.mark.parametrize("level", ORDER)
def test_page_and_paper_tell_what_the_level_may_and_nothing_else(here: World, level: str) -> None:
    brief = written(here, rich_case(here))
    copy = given(here, brief, level)
    paper, shown = words_on_paper(copy), words_on_page(here, "service_lead", f"/briefs/{copy.pk}/")
    assert paper == shown, "the same words in the same order"
    wanted = {word for word, levels in SECRETS.items() if level in levels}
    # Whom the copy is for stands in its foot.
    foot = paper.index("SHA-256")
    held = paper[: paper.rindex("Copyfor")]
    assert {word for word in SECRETS if squeezed(word) in held} == wanted
    assert copy.sha256 in paper[foot:]
    assert "version1" in paper
    for raw in (
        body_of(sheet_of(brief, level, copy)),
        here.client("service_lead").get(f"/briefs/{copy.pk}/").content.decode(),
    ):
        hidden = {word for word, levels in SECRETS.items() if level not in levels and word.startswith("zq")}
        assert not [word for word in hidden if word in raw]


def test_what_changed_tells_no_more_than_its_level(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    for key in ("booking", "safety"):
        actions.record_fact(actor=here.actor("associate"), ref=case.pk, key=key, text=f"zqnew{key}", source="checked")
    actions.assign(actor=here.actor("service_lead"), ref=case.pk, owner_id=here.users["service_lead"].pk)
    more = Exposure(Decimal("5900.25"), "EUR", 2, "claim", "zqlegal", "press", "zqreach")
    second = written(here, case, situation="zqother", exposure=more)
    told = {level: words_on_paper(given(here, second, level)) for level in ORDER}
    for word, levels in (
        ("zqtold→zqnewbooking", {"full"}), ("zqchecked→zqnewsafety", {"full", "internal"}),
        ("4,812.50EUR→5,900.25EUR", {"full", "internal"}), ("Associate→ServiceLead", {"full"}),
    ):  # fmt: skip
        assert {level for level, text in told.items() if word in text} == levels, word


def test_the_pdf_is_tagged_named_and_in_its_language(here: World) -> None:
    case = rich_case(here)
    copy = given(here, written(here, case, language="zh-hans"), "internal")
    answer = here.client("service_lead").get(f"/briefs/{copy.pk}/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert f'filename="brief-{case.ref}-v1-internal.pdf"' in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF-")
    held = b"".join(_opened(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", answer.content, re.DOTALL))
    for mark in (b"/StructTreeRoot", b"/Lang (zh-Hans)", b"pdfuaid"):
        assert mark in held + answer.content, mark


def _opened(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_removed_words_are_on_no_paper_drawn_from_then_on(here: World) -> None:
    case = rich_case(here)
    copy = given(here, written(here, case), "full")
    assert "zqtold" in words_on_paper(copy)
    entry = next(one.entry for one in known.facts_for_brief(case) if one.key == "booking")
    actions.redact_entry(actor=here.actor("service_lead"), ref=case.pk, entry_id=entry)
    paper = words_on_paper(copy)
    assert "zqtold" not in paper
    assert "Thesewordswereremoved" in paper


def test_without_pango_the_page_says_so(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from escalations.views import brief_copies
    from portal.ui.pdf import NoPangoError

    def missing(*_args: object) -> bytes:
        raise NoPangoError("Pango is missing here")

    monkeypatch.setattr(brief_copies, "pdf_of", missing)
    copy = given(here, written(here, rich_case(here)), "outside")
    answer = here.client("service_lead").get(f"/briefs/{copy.pk}/pdf/", follow=True)
    assert "PDF cannot be drawn" in answer.content.decode()


def test_a_case_without_site_and_issue_has_a_brief(here: World) -> None:
    case: Case = here.case("Bare", site_id=None)
    brief = actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=actions.Writing("en", neutral="n", level="outside"))  # fmt: skip
    paper = words_on_paper(given(here, brief, "outside"))
    for word in ("Nofactwaspicked.", "Nothingwaspicked.", "Noneisknown.", "Nonewasnamed.", "Thisisthefirstversion."):
        assert word in paper
