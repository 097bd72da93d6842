"""What reviews have to hide: words that are unmistakable, and who may read them. Written down by hand, from the guide."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kpis.queries import kpis_in_use
from portal.accounts.queries import actor_for
from portal.files.queries import files_of
from reviews.access.sources import get_source
from reviews.actions import actions, agenda, meetings, running
from reviews.actions.notes import save_notes
from reviews.blocks import Note, Text
from reviews.choices import Side
from reviews.models import Action, Observation, Theme
from reviews.queries.actions import FILE_OWNER
from reviews.rules.standing import Place
from tests.escalations.pages_world import World
from tests.factories.partners import SiteFactory
from tests.factories.reviews import FindingFactory, a_data, a_table, comment, draft
from tests.reviews.action_world import in_days, raised

COMPANY = {"coordinator", "manager", "stand_in"}
PARTNER = {"lead", "qa", "stand_in_of_lead"}
ALL = {"administrator", "auditor"}
SITE = COMPANY | PARTNER | ALL
WHOLE_PARTNER = {"manager"} | ALL
WEEK_BEFORE = {
    "first_day": timezone.localdate() - timedelta(days=70),
    "last_day": timezone.localdate() - timedelta(days=64),
}


@dataclass
class Kept:
    """Something of the reviews: its word, who may read it, where it is read; `ref` what people call it, a secret too if it has one."""

    key: str
    readers: set[str]
    urls: tuple[str, ...]
    ref: str = ""

    @property
    def word(self) -> str:
        """Stands in everything that anybody wrote of it."""
        return word_of(self.key)


def word_of(key: str) -> str:
    """The unmistakable word of one thing."""
    return f"zq{key}keptxw"


def out_of_cases(world: World, cases: dict[str, Any]) -> list[Kept]:
    """Actions out of cases that everybody of the site sees; the cases are closed in afterwards, to the actions' owners too."""
    readers = {"confidential": {"auditor"}, "restricted": {"coordinator"}}
    found = []
    for key, who in readers.items():
        name = f"action{key}"
        made = raised(world, origin=get_source(world.actor("coordinator"), f"case:{cases[key].ref}"), **_worded(name))
        found.append(_action(world, name, made, who))
    return found


def of_reviews(world: World) -> list[Kept]:
    """One of everything that reviews keep: of a site, of a partner with a second site, of the network."""
    SiteFactory(partner=world.site.partner, name="Mianyang")
    ordinary = _action(world, "action", raised(world, **_worded("action"), kpi_id=_kpi()), SITE)
    whole = actions.raise_action(
        actor=world.actor("manager"), place=Place(None, world.site.partner_id),
        wording=actions.Wording(**_worded("wholeaction"), owner_id=world.users["manager"].pk, due_at=in_days(5)),
    )  # fmt: skip
    return [
        ordinary,
        Kept("wholeaction", WHOLE_PARTNER, (f"/reviews/actions/{whole.ref}/",), whole.ref),
        *_packs(world),
        _finding(world),
        _meeting(world),
    ]


def _worded(key: str) -> dict[str, str]:
    return {"title": f"Harbour {word_of(key)}", "text": f"About {word_of(key)}"}


def _kpi() -> int:
    return next(one.pk for one in kpis_in_use() if one.code == "service-level")


def _action(world: World, key: str, made: Action, readers: set[str]) -> Kept:
    """Done by its owner, with a file and an evidence; sent back once and noted, so that its history speaks too."""
    lead, coordinator = world.actor("lead"), world.actor("coordinator")
    proof = SimpleUploadedFile(f"{word_of(key)}.txt", word_of(key).encode())
    actions.note(actor=lead, ref=made.pk, text=word_of(key))
    actions.done(actor=lead, ref=made.pk, evidence=word_of(key), files=[proof])
    actions.send_back(actor=coordinator, ref=made.pk, text=word_of(key))
    [file] = files_of(FILE_OWNER, [made.pk])[str(made.pk)]
    return Kept(key, readers, (f"/reviews/actions/{made.ref}/", f"/files/{file.pk}/"), made.ref)


def _packs(world: World) -> list[Kept]:
    """A draft with a comment each: of the site, of the whole partner, of the network."""
    places = {
        "pack": (SITE, {"site": world.site}),
        "wholepack": (WHOLE_PARTNER, {"scope": "partner", "site": None, "partner": world.site.partner}),
        "networkpack": (ALL, {"scope": "network", "site": None}),
    }
    found = []
    for key, (readers, place) in places.items():
        said = [Note("said", Text(word_of(key), word_of(key)))]
        pack = draft(data=a_data(summary=said, scorecard=[a_table()]), **WEEK_BEFORE, **place)
        comment(pack, world.users["manager"], Side.COMPANY, word_of(key))
        found.append(Kept(key, readers, (f"/reviews/packs/{pack.pk}/",)))
    return found


def _finding(world: World) -> Kept:
    made = FindingFactory.create(
        site=world.site, title=f"Harbour {word_of('finding')}", text=word_of("finding"), by=world.users["coordinator"]
    )
    return Kept("finding", SITE, (f"/reviews/findings/{made.pk}/",))


def _meeting(world: World) -> Kept:
    """Held today: its points are every open action of the site, its notes, a decision and an observation; its minutes are sent."""
    word, coordinator = word_of("meeting"), actor_for(world.users["coordinator"])
    starts = timezone.now() + timedelta(minutes=5)
    plan = meetings.Plan(
        kind="ops_call", title=f"Harbour {word}", starts_at=starts, ends_at=starts + timedelta(hours=1),
        time_zone="Asia/Shanghai", place=word, user_ids=[world.users["coordinator"].pk, world.users["lead"].pk],
    )  # fmt: skip
    made = meetings.add_engagement(actor=coordinator, about=Place(world.site.pk, world.site.partner_id), plan=plan)
    agenda.build(actor=coordinator, pk=made.pk)
    item = agenda.add_topic(actor=coordinator, pk=made.pk, title=word)
    save_notes(actor=coordinator, pk=made.pk, item=item.pk, base=0, text=word)
    running.decide(actor=coordinator, pk=made.pk, text=word)
    theme = Theme.objects.create(code=f"t{uuid.uuid4().hex[:6]}", name="Tone of voice")
    Observation.objects.create(engagement=made, theme=theme, text=word, quote=word, by=world.users["coordinator"])
    url = f"/reviews/meetings/{made.pk}/"
    return Kept("meeting", SITE, (url, f"/reviews/engagements/{made.pk}/observations/"))
