"""Site visits of the demo: a checklist in two versions, a visit with each, others to come; what was found, and what sites share."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.core.files.base import ContentFile
from django.utils import timezone
from resvg_py import svg_to_bytes

from portal.accounts.rules import SYSTEM, Actor
from portal.demo.review_content import CHECKLIST, PICTURE, PRACTICES, Asked
from portal.demo.review_meetings import SHADOWING
from portal.demo.review_world import ONE_DAY, OWN, World, user_id, weekday
from reviews.access.visits import checklist_to_change, draft_of
from reviews.actions import answering, checklists, findings, meetings, visits
from reviews.choices import EngagementKind, FindingKind, QuestionKind
from reviews.queries.findings import themes_in_use
from reviews.queries.scope import engagements_visible_to, findings_visible_to, sharings_visible_to
from reviews.queries.visits import released_versions
from reviews.rules.visits import Given

if TYPE_CHECKING:
    from reviews.models import Engagement, Finding, Visit

CODE: Final = "site-visit"
TITLES: Final = ("Summer visit", "Autumn visit")
HEADSETS: Final = "Headsets are shared between shifts"
#: How many days ago the two visits were.
DAYS_AGO: Final = (68, 9)


def plan_visits(world: World) -> None:
    """Write the story of the visits down."""
    actor = world.coordinator(OWN)
    world.diary.at(world.ago(80), lambda: _write_checklist(actor))
    world.diary.at(world.ago(30), lambda: _add_question(actor))
    for number, days in enumerate(DAYS_AGO):
        begins = world.when(weekday(world.today - days * ONE_DAY, -ONE_DAY), 9)
        world.diary.at(begins - 10 * ONE_DAY, partial(_arrange, world, OWN, TITLES[number], begins))
        world.diary.at(begins, partial(_go_through, actor, number))
    for code, days, title in ((OWN, 6, "Follow-up on headsets"), ("CEB", 11, "First visit to the new floor")):
        begins = world.when(weekday(world.today + days * ONE_DAY), 9, site=code)
        world.diary.at(world.ago(4), partial(_arrange, world, code, title, begins))
    world.diary.at(world.ago(8, 11), lambda: _find(world))
    world.diary.at(world.ago(34), lambda: _practices(world))
    world.diary.at(world.ago(31), lambda: _answers(world))


def finding_of(title: str) -> "Finding":
    """A finding by its title."""
    return findings_visible_to(SYSTEM).get(title=title)


def _single(title: str) -> "Engagement":
    """A meeting or visit by its title."""
    return engagements_visible_to(SYSTEM).get(title=title)


def _write_checklist(actor: Actor) -> None:
    checklists.add_checklist(actor=actor, code=CODE, name="Site visit", name_zh="现场走访")
    for code, text, text_zh, asked in CHECKLIST:
        values = {"code": code, "text": text, "text_zh": text_zh}
        checklists.keep_section(actor=actor, code=CODE, seen=_draft(actor), section=None, values=values)
        _ask(actor, code, [one for one in asked if one.answers[0][0] is not None])
    checklists.release(actor=actor, code=CODE)


def _add_question(actor: Actor) -> None:
    """The second version asks what the first did not."""
    checklists.copy_to_draft(actor=actor, code=CODE)
    for code, _text, _text_zh, asked in CHECKLIST:
        _ask(actor, code, [one for one in asked if one.answers[0][0] is None])
    checklists.release(actor=actor, code=CODE)


def _ask(actor: Actor, section: str, asked: Iterable[Asked]) -> None:
    for one in asked:
        values = {
            "code": one.code, "text": one.text, "text_zh": one.text_zh, "kind": one.kind, "most": one.most,
            "weight": 0 if one.kind == QuestionKind.TEXT else 1, "wants_photo": one.code == "headsets",
        }  # fmt: skip
        checklists.keep_question(
            actor=actor, code=CODE, seen=_draft(actor), section=section, question=None, values=values
        )


def _draft(actor: Actor) -> int:
    """The draft's version."""
    checklist, _allowed = checklist_to_change(actor, CODE)
    return draft_of(checklist).version


def _arrange(world: World, code: str, title: str, begins: datetime) -> "Engagement":
    """A visit of a day at a site, with its coordinator and lead."""
    actor, site = world.coordinator(code), world.sites[code]
    plan = meetings.Plan(
        kind=EngagementKind.SITE_VISIT, title=title, starts_at=begins, ends_at=begins + timedelta(hours=7),
        time_zone=site.time_zone, place=site.name, user_ids=[user_id(actor), user_id(world.lead(code))],
    )  # fmt: skip
    return meetings.add_engagement(actor=actor, about=world.place(code), plan=plan)


def _go_through(actor: Actor, number: int) -> None:
    """Answer everything that the checklist asks then, and send it in."""
    meeting = _single(TITLES[number])
    version = released_versions().get(checklist__code=CODE)
    visit = visits.begin_visit(actor=actor, visit_id=meeting.pk, version_id=version.pk)
    ids = dict(version.sections.values_list("questions__code", "questions"))
    for _code, _text, _text_zh, asked in CHECKLIST:
        for one in asked:
            said, note = one.answers[number]
            if said is not None and one.code in ids:
                given = Given(text=said, note=note) if isinstance(said, str) else Given(score=said, note=note)
                change = answering.Change(uuid.uuid4(), ids[one.code], 0, given, timezone.now())
                answering.take_change(actor=actor, visit_id=meeting.pk, change=change)
    _photograph(actor, visit, ids["headsets"])
    visits.finish_visit(actor=actor, visit_id=meeting.pk)


def _photograph(actor: Actor, visit: "Visit", question_id: int) -> None:
    """A picture to the question that asks for one."""
    upload = ContentFile(svg_to_bytes(svg_string=PICTURE), name="row-b.png")
    visits.add_photo(
        actor=actor, visit_id=visit.engagement_id, question_id=question_id, key=uuid.uuid4(), upload=upload
    )


def _find(world: World) -> None:
    """What came of the second visit and of listening in."""
    visited, listened = _single(TITLES[1]), _single(SHADOWING)
    answer = visited.visit.answers.get(question__code="headsets")
    heard = listened.observations.order_by("pk")[0]
    for title, text, kind, theme, origin in (
        (HEADSETS, "Eleven of 48 seats have no headset of their own; the second shift waits for the first to log off.",
         FindingKind.FINDING, "tools", findings.Origin(engagement=visited, answer=answer)),
        ("Refund dates are promised that nobody keeps", "Heard in three of five contacts about refunds.",
         FindingKind.TOP_ISSUE, "process", findings.Origin(engagement=listened, observation=heard)),
    ):  # fmt: skip
        values = {"kind": kind, "title": title, "text": text, "theme": themes_in_use().get(code=theme)}
        findings.add_finding(actor=world.coordinator(OWN), site=world.sites[OWN], origin=origin, values=values)


def _practices(world: World) -> None:
    """Two sites write down what works there, and it is offered to others."""
    for code, theme, title, text, others in PRACTICES:
        values = {"kind": FindingKind.PRACTICE, "title": title, "text": text, "theme": themes_in_use().get(code=theme)}
        made = findings.add_finding(
            actor=world.lead(code), site=world.sites[code], origin=findings.Origin(), values=values
        )
        site_ids = [world.sites[one].pk for one in others]
        findings.share(actor=world.coordinator(code), pk=made.pk, site_ids=site_ids)


def _answers(world: World) -> None:
    """What the sites make of it; one has not said."""
    for _code, _theme, title, _text, others in PRACTICES:
        for code, said in others.items():
            if said is not None:
                held = sharings_visible_to(SYSTEM).get(finding__title=title, site=world.sites[code])
                adoption, why, result = said
                findings.answer_sharing(
                    actor=world.lead(code), pk=held.pk, seen=held.version, adoption=adoption, why=why, result=result
                )
