"""A site visit under way with a photo, and a checklist with a draft, for their addresses."""

import uuid
from typing import Any

from django.utils import timezone

from partners.models import Site
from portal.accounts.models import User
from portal.files.models import StoredFile
from reviews.actions.visits import OWNER
from reviews.models import Photo, Question
from tests.factories.reviews import EngagementFactory, QuestionFactory, VisitFactory, released


def reviews_visits_args(site: Site, by: User) -> dict[str, dict[str, Any]]:
    """The visit by its engagement; the draft by codes."""
    version = released()
    engagement = EngagementFactory.create(kind="site_visit", site=site, state="running")
    visit = VisitFactory.create(engagement=engagement, checklist_version=version, begun_at=timezone.now())
    file = StoredFile.objects.create(
        id=uuid.uuid4(), name="desk.png", size=1, content_type="image/png", sha256="0" * 64, owner_kind=OWNER, owner_id=str(visit.pk)
    )  # fmt: skip
    asked = Question.objects.get(section__version=version)
    photo = Photo.objects.create(key=uuid.uuid4(), visit=visit, question=asked, file=file, by=by)
    question = QuestionFactory.create()
    code = {"code": question.section.version.checklist.code}
    section = code | {"section": question.section.code}
    return {
        "site_visit": {"pk": engagement.pk},
        "visit_photo": {"pk": engagement.pk, "key": photo.pk},
        "checklist": code,
        "checklist_section": section,
        "checklist_question": section | {"question": question.code},
    }
