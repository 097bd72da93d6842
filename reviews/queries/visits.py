"""Site visits: what is asked, what stands, the last visit's scores."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from ..models import Answer, AnswerChange, Checklist, ChecklistSection, ChecklistVersion, Photo, Question, Visit
from ..rules.visits import Asked, Given, SectionScore, percent_of, section_scores


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a visit with its answer and its pictures."""

    question: Question
    given: Given
    answer: Answer | None
    photos: Sequence[Photo]

    @property
    def version(self) -> int:
        """Of the answer; 0 when there is none yet."""
        return self.answer.version if self.answer else 0


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a visit with its questions and its score."""

    section: ChecklistSection
    items: Sequence[Item]
    score: SectionScore


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visit's sections, its score, and the visit that it is compared with."""

    parts: Sequence[Part]
    percent: Decimal | None
    last: Visit | None
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """Points of percent more than at the last visit."""
        return None if self.percent is None or self.before is None else self.percent - self.before


def checklists() -> QuerySet[Checklist]:
    """All, those in use first."""
    return Checklist.objects.order_by("archived_at", "name", "pk")


def newer_version(visit: Visit) -> ChecklistVersion | None:
    """What its checklist has become since the visit began."""
    rows = ChecklistVersion.objects.filter(checklist=visit.checklist_version.checklist_id, released_at__isnull=False)
    return rows.filter(number__gt=visit.checklist_version.number).order_by("-number").first()


def released_versions() -> QuerySet[ChecklistVersion]:
    """The newest released version of every checklist in use: what a visit may begin with."""
    rows = ChecklistVersion.objects.filter(released_at__isnull=False, checklist__archived_at=None)
    newest = rows.order_by("checklist_id", "-number").distinct("checklist_id").values("pk")
    return ChecklistVersion.objects.filter(pk__in=newest).select_related("checklist").order_by("checklist__name", "pk")


def sections_of(version: ChecklistVersion) -> Sequence[ChecklistSection]:
    """A version's sections with their questions."""
    return list(version.sections.prefetch_related("questions"))


def given(answer: Answer | None) -> Given:
    """An answer as the rules know it."""
    if answer is None:
        return Given()
    return Given(answer.score, answer.text, answer.note, answer.not_applicable)


def given_at(visit_id: int, question_id: int, base: int) -> Given:
    """The answer as it stood in version `base`; nothing for 0 and for a version that never was."""
    changes = AnswerChange.objects.filter(visit=visit_id, question=question_id, base=base - 1, taken=True)
    found = changes.first() if base > 0 else None
    return Given(**found.values) if found else Given()


def sheet_of(visit: Visit) -> Sheet:
    """The whole visit, in seven queries however long the checklist is."""
    items = items_of(visit)
    last = last_before(visit)
    before = asked_of(last) if last else []
    scores = {one.section: one.percent for one in section_scores(before)}
    all_asked = [_asked(section, item) for section, own in items for item in own]
    by_code = {one.section: one for one in section_scores(all_asked, scores)}
    parts = [
        Part(section, own, by_code.get(section.code) or SectionScore(section.code, None, 0, 0))
        for section, own in items
    ]
    return Sheet(parts, percent_of(all_asked), last, percent_of(before))


def items_of(visit: Visit) -> list[tuple[ChecklistSection, list[Item]]]:
    """The sections of the version that the visit began with, and their questions with what was answered."""
    answers = {one.question_id: one for one in visit.answers.select_related("by")}
    photos: Mapping[int, list[Photo]] = defaultdict(list)
    for photo in visit.photos.filter(removed_at=None).select_related("file"):
        photos[photo.question_id].append(photo)
    return [
        (
            section,
            [Item(q, given(answers.get(q.pk)), answers.get(q.pk), photos[q.pk]) for q in section.questions.all()],
        )
        for section in sections_of(visit.checklist_version)
    ]


def asked_of(visit: Visit) -> list[Asked]:
    """A visit's questions as the rules know them."""
    return [_asked(section, item) for section, items in items_of(visit) for item in items]


def last_before(visit: Visit) -> Visit | None:
    """The site's last visit of the same checklist that was finished before this one, whatever version it was."""
    rows = Visit.objects.filter(
        engagement__site=visit.engagement.site_id,
        checklist_version__checklist=visit.checklist_version.checklist_id,
        finished_at__isnull=False,
    ).exclude(pk=visit.pk)
    if visit.finished_at:
        rows = rows.filter(finished_at__lt=visit.finished_at)
    return rows.select_related("checklist_version", "engagement").order_by("-finished_at", "-pk").first()


def came_too_late(visit: Visit) -> QuerySet[AnswerChange]:
    """Changes that came through only after the visit was sent in: kept, and in no score."""
    rows = (
        visit.changes.filter(taken=False, received_at__gt=visit.finished_at)
        if visit.finished_at
        else AnswerChange.objects.none()
    )
    return rows.select_related("question", "by")


def _asked(section: ChecklistSection, item: Item) -> Asked:
    question = item.question
    return Asked(section.code, question.kind, question.most, question.weight, item.given)
