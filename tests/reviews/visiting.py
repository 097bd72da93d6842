"""A site with a visit under way, and people of both sides."""

import uuid
from decimal import Decimal
from typing import Any

from django.utils import timezone

from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from reviews.actions.answering import Change
from reviews.models import ChecklistVersion, Engagement, Question, Visit
from reviews.rules.visits import Given
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import (
    ChecklistFactory,
    ChecklistSectionFactory,
    ChecklistVersionFactory,
    EngagementFactory,
    QuestionFactory,
)


class World:
    """Chengdu, a coordinator and a manager of it, its lead and QA, and a checklist: floor (two), team (a score, words)."""

    def __init__(self) -> None:
        self.site: Site = SiteFactory.create(name="Chengdu", name_zh="成都")
        self.coordinator = self.person("Chen Wei", Role.COORDINATOR)
        self.manager = self.person("Mara Ortiz", Role.MANAGER)
        self.lead = self.person("Liu Yang", Role.PARTNER_LEAD)
        self.qa = self.person("Qin Bo", Role.PARTNER_QA)
        self.version = a_checklist()

    def person(self, name: str, role: str, site: Site | None = None) -> User:
        user = UserFactory.create(name=name, email=f"{uuid.uuid4()}@example.test")
        MembershipFactory.create(user=user, role=role, site=site or self.site)
        return user

    @property
    def by(self) -> Actor:
        """The coordinator, as they act."""
        return actor_for(self.coordinator)

    def planned(self, **fields: Any) -> Engagement:
        return EngagementFactory.create(kind="site_visit", title="Autumn visit", site=self.site, **fields)

    def question(self, code: str) -> Question:
        return Question.objects.get(section__version=self.version, code=code)

    def change(self, code: str, *, base: int = 0, key: uuid.UUID | None = None, **given: Any) -> Change:
        return Change(key or uuid.uuid4(), self.question(code).pk, base, Given(**given), timezone.now())


def a_checklist() -> ChecklistVersion:
    """Released: floor/desks and floor/exits (yes or no), team/morale (0 to 4, weight 2) and team/said (words)."""
    version = ChecklistVersionFactory.create(
        checklist=ChecklistFactory.create(code="autumn", name="Autumn visit", name_zh="秋季走访")
    )
    floor = ChecklistSectionFactory.create(version=version, code="floor", text="Floor", text_zh="现场", position=1)
    team = ChecklistSectionFactory.create(version=version, code="team", text="Team", text_zh="团队", position=2)
    QuestionFactory.create(section=floor, code="desks", text="Are desks clear?", text_zh="桌面是否整洁？", position=1)
    QuestionFactory.create(section=floor, code="exits", text="Are exits free?", position=2)
    QuestionFactory.create(
        section=team, code="morale", text="How is the mood?", kind="score", most=4, weight=Decimal(2)
    )
    QuestionFactory.create(
        section=team, code="said", text="What did people say?", kind="text", weight=Decimal(0), position=2
    )
    version.released_at = timezone.now()
    version.save()
    return version


def begun(world: World) -> Visit:
    """A visit that is under way."""
    from reviews.actions.visits import begin_visit

    return begin_visit(actor=world.by, visit_id=world.planned().pk, version_id=world.version.pk)
