"""Reviews in the demo: two months of packs, meetings, visits and actions, as company and partner would have gone through them."""

from django.db import transaction

from partners import queries as directory
from portal.accounts.rules import SYSTEM
from portal.demo.review_actions import plan_actions
from portal.demo.review_meetings import plan_meetings
from portal.demo.review_packs import plan_packs
from portal.demo.review_visits import plan_visits
from portal.demo.review_world import world_of
from portal.notifications.actions import nothing_queued
from reviews.queries.jobs import jobs_visible_to


def is_built() -> bool:
    """Whether the demo has its reviews."""
    return jobs_visible_to(SYSTEM).exists()


@transaction.atomic
def build_reviews() -> None:
    """Everything about reviews, whole or not at all; what is there stays."""
    if is_built():
        return
    world = world_of(directory.today())
    for plan in (plan_packs, plan_meetings, plan_visits, plan_actions):
        plan(world)
    with nothing_queued():
        world.diary.play()
