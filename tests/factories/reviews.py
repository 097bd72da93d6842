"""Rows of reviews: jobs, packs in each state, meetings, visits, actions."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from reviews.blocks import Column, Note, Row, Table, Text, frozen
from reviews.choices import EngagementKind, PackState, QuestionKind, Side
from reviews.models import (
    Acknowledgement,
    Action,
    Checklist,
    ChecklistSection,
    ChecklistVersion,
    Comment,
    Engagement,
    Finding,
    Line,
    Pack,
    Question,
    ReportJob,
    ReviewKind,
    Visit,
)
from reviews.rules.hashing import Acknowledged, Said, content_hash, published_hash
from tests.factories.accounts import UserFactory
from tests.factories.partners import SiteFactory

MONDAY, SUNDAY = date(2026, 11, 9), date(2026, 11, 15)


def kind_of(code: str = "weekly") -> ReviewKind:
    """A kind that every installation has."""
    return ReviewKind.objects.get(code=code)


class ReportJobFactory(DjangoModelFactory[ReportJob]):
    """The weekly pack of a site, on Mondays at 8 there; that of week 46 is next."""

    class Meta:
        model = ReportJob

    kind = factory.LazyFunction(kind_of)
    scope = "site"
    site = factory.SubFactory(SiteFactory)
    at = time(8)
    time_zone = "Asia/Shanghai"
    formats = ["pdf"]
    language = "en"
    next_period = MONDAY
    next_at = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
    made_by = factory.SubFactory(UserFactory)


class PackFactory(DjangoModelFactory[Pack]):
    """A site's pack of week 46 that waits for its numbers."""

    class Meta:
        model = Pack

    kind = factory.LazyFunction(kind_of)
    scope = "site"
    site = factory.SubFactory(SiteFactory)
    first_day = MONDAY
    last_day = SUNDAY
    language = "en"
    formats = ["pdf"]


class EngagementFactory(DjangoModelFactory[Engagement]):
    """An ops call of an hour with a site."""

    class Meta:
        model = Engagement

    kind = EngagementKind.OPS_CALL
    title = "Ops call"
    site = factory.SubFactory(SiteFactory)
    starts_at = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
    ends_at = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
    time_zone = "Asia/Shanghai"
    uid = factory.LazyFunction(uuid.uuid4)
    made_by = factory.SubFactory(UserFactory)


class ChecklistFactory(DjangoModelFactory[Checklist]):
    class Meta:
        model = Checklist

    code = factory.Sequence(lambda n: f"visit-{n}")
    name = "Site visit"


class ChecklistVersionFactory(DjangoModelFactory[ChecklistVersion]):
    """A draft of a checklist."""

    class Meta:
        model = ChecklistVersion

    checklist = factory.SubFactory(ChecklistFactory)
    number = 1
    made_by = factory.SubFactory(UserFactory)


class ChecklistSectionFactory(DjangoModelFactory[ChecklistSection]):
    class Meta:
        model = ChecklistSection

    version = factory.SubFactory(ChecklistVersionFactory)
    code = "floor"
    text = "Floor"


class QuestionFactory(DjangoModelFactory[Question]):
    class Meta:
        model = Question

    section = factory.SubFactory(ChecklistSectionFactory)
    code = factory.Sequence(lambda n: f"q{n}")
    text = "Are desks clear?"
    kind = QuestionKind.YES_NO


class VisitFactory(DjangoModelFactory[Visit]):
    """A visit that has not begun; give it a `checklist_version` that was released."""

    class Meta:
        model = Visit

    engagement = factory.SubFactory(EngagementFactory, kind=EngagementKind.SITE_VISIT)
    checklist_version = factory.SubFactory(ChecklistVersionFactory)


class FindingFactory(DjangoModelFactory[Finding]):
    class Meta:
        model = Finding

    site = factory.SubFactory(SiteFactory)
    title = "Headsets are old"
    by = factory.SubFactory(UserFactory)


class ActionFactory(DjangoModelFactory[Action]):
    """An open action of a site's partner, due in a week."""

    class Meta:
        model = Action

    title = "Coach the late shift"
    site = factory.SubFactory(SiteFactory)
    side = Side.PARTNER
    owner = factory.SubFactory(UserFactory)
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    made_by = factory.SubFactory(UserFactory)


def a_table(*rows: Row) -> Table:
    """A table of the scorecard with a red line, unless other rows are given."""
    red = Row("service-level", [Text("Service level", "服务水平"), "0.61", "0.80"], unit="percent", rag="r")
    columns = [Column("kpi", Text("KPI", "指标")), Column("value", Text("Value", "数值"), "number"),
               Column("target", Text("Target", "目标"), "number")]  # fmt: skip
    return Table("lines", Text("Scorecard", "记分卡"), columns, rows or [red])


def a_data(**sections: list[Any]) -> dict[str, Any]:
    """Frozen data: sections with their blocks, or a scorecard with a red line and a note."""
    made = sections or {"summary": [Note("said", Text("A quiet week.", "平静的一周。"))], "scorecard": [a_table()]}
    return {"sections": [{"code": code, "blocks": [frozen(one) for one in blocks]} for code, blocks in made.items()]}


def draft(pack: Pack | None = None, *, data: dict[str, Any] | None = None, needed: bool = True, **fields: Any) -> Pack:
    """A pack whose numbers are frozen; `needed`: with a line, that of the service level, on which somebody has to comment."""
    made = pack or PackFactory.create(**fields)
    Line.objects.create(pack=made, section="scorecard", key="service-level", site=made.site, needs_comment=needed)
    made.data, made.state, made.frozen_at = data or a_data(), PackState.DRAFT, timezone.now()
    made.save()
    return made


def comment(pack: Pack, by: Any, side: str = Side.PARTNER, text: str = "Two were ill.", **fields: Any) -> Comment:
    """A comment on the pack's first line."""
    return Comment.objects.create(
        **{"pack": pack, "line": pack.lines.first(), "text": text, "side": side, "by": by} | fields
    )


def draft_hash(pack: Pack) -> str:
    """What sides acknowledge as the pack stands."""
    rows = pack.comments.select_related("line")
    said = [
        Said(one.line.section if one.line else "", one.line.key if one.line else "", one.text, one.side, one.by_id,
             one.for_user_id, one.at)
        for one in rows
    ]  # fmt: skip
    return content_hash(pack.data, said)


def acknowledge(pack: Pack, by: Any, side: str, **fields: Any) -> Acknowledgement:
    """A side has read the pack as it stands."""
    return Acknowledgement.objects.create(
        **{"pack": pack, "side": side, "by": by, "content_hash": draft_hash(pack)} | fields
    )


def published(pack: Pack | None = None, *, by: Any = None, partner: Any = None, **fields: Any) -> Pack:
    """A pack that was commented on, acknowledged by both sides and published, by `by` for the company."""
    made, company = pack or draft(**fields), by or UserFactory.create()
    other = partner or UserFactory.create()
    comment(made, other)
    acknowledge(made, other, Side.PARTNER)
    acknowledge(made, company, Side.COMPANY)
    read = [Acknowledged(one.side, one.by_id, one.for_user_id, one.at) for one in made.acknowledgements.all()]
    made.content_hash = published_hash(draft_hash(made), read)
    made.state, made.published_at, made.published_by = PackState.PUBLISHED, timezone.now(), company
    made.save()
    return made


def released(*, questions: int = 1) -> ChecklistVersion:
    """A checklist in use, with so many questions."""
    section = ChecklistSectionFactory.create()
    for _at in range(questions):
        QuestionFactory.create(section=section)
    version = section.version
    version.released_at = timezone.now()
    version.save()
    return version
