"""Packs for the archive, for their page, and for whoever they wait for."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from kpis.rules.periods import Period
from partners import queries as directory
from portal.accounts.rules import Actor

from ..choices import PackState, Scope, Side
from ..models import Acknowledgement, Action, Comment, Line, Pack, PackFile, ReviewKind
from ..rules.standing import Place, publishing, side_of
from ..rules.timing import period_of
from .content import draft_hash, final_hash
from .jobs import place_of
from .scope import actions_visible_to, packs_visible_to, reads_reviews, sites_visible_to

if TYPE_CHECKING:
    from partners.models import Site

# Drafts that My day looks through for what waits for somebody.
MOST_DRAFTS = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What the archive shows: a kind and a site by code, a state; "" for all. `site` "-" is what is about no single site."""

    kind: str = ""
    site: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft that waits for somebody to comment on it, to acknowledge or to publish it (`what`)."""

    pack: Pack
    what: str


def archive(actor: Actor, wanted: Filters) -> QuerySet[Pack]:
    """Packs the actor sees, without their data; those with an exception that nobody explained are marked `unexplained`."""
    rows = packs_visible_to(actor).select_related("kind", "site__partner", "partner").defer("data", "missing")
    if wanted.kind:
        rows = rows.filter(kind__code=wanted.kind)
    if wanted.site == "-":
        rows = rows.filter(site=None)
    elif wanted.site:
        rows = rows.filter(site__code=wanted.site)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return rows.annotate(unexplained=Exists(_unexplained(OuterRef("pk"))))


def kinds_and_sites(actor: Actor) -> tuple[list[ReviewKind], "list[Site]"]:
    """What the archive may be narrowed down to. Kinds that are archived keep their packs."""
    sites = sites_visible_to(actor).order_by("name", "pk") if reads_reviews(actor) else sites_visible_to(actor).none()
    return list(ReviewKind.objects.all()), list(sites)


def period_of_pack(pack: Pack) -> Period:
    """The pack's period."""
    return period_of(pack.kind.rhythm, pack.first_day)


def revisions_of(pack: Pack) -> QuerySet[Pack]:
    """All revisions of the same kind, place and period, newest first; whoever sees one sees the others, but for those being made."""
    same = Pack.objects.filter(kind=pack.kind_id, scope=pack.scope, site=pack.site_id, partner=pack.partner_id)
    rows = same.filter(first_day=pack.first_day).select_related("kind", "site__partner", "partner", "published_by")
    return rows.order_by("-revision")


def superseded(pack: Pack) -> bool:
    """Whether there is a later revision."""
    return revisions_of(pack).filter(revision__gt=pack.revision).exists()


def lines_of(pack: Pack) -> list[Line]:
    """Its lines with their comments and who wrote them, in the order of the pack. Two queries."""
    rows = pack.lines.select_related("kpi", "site").prefetch_related("comments__by", "comments__for_user")
    return list(rows.order_by("pk"))


def raised_from(actor: Actor, pack: Pack) -> dict[int, list[Action]]:
    """The actions in sight that came out of its lines, by line, oldest first. One query."""
    found: dict[int, list[Action]] = defaultdict(list)
    for one in actions_visible_to(actor).filter(line__pack=pack).order_by("pk"):
        found[one.line_id or 0].append(one)
    return found


def unexplained(pack: Pack) -> QuerySet[Line]:
    """Exceptions that nobody commented on."""
    return _unexplained(pack.pk)


def acknowledgements_of(pack: Pack, of_hash: str | None = None) -> list[Acknowledgement]:
    """Those given, oldest first; with `of_hash` those that hold for this content."""
    rows = Acknowledgement.objects.filter(pack=pack).select_related("by", "for_user").order_by("at", "pk")
    return list(rows.filter(content_hash=of_hash) if of_hash is not None else rows)


def sides_needed(pack: Pack) -> tuple[str, ...]:
    """Who acknowledges it: both sides; of the network the company alone."""
    return (Side.COMPANY,) if pack.scope == Scope.NETWORK else (Side.COMPANY, Side.PARTNER)


def side_at(actor: Actor, pack: Pack) -> tuple[str, Actor] | None:
    """The side that the actor speaks for about a pack, and as who."""
    return side_of(actor, place_of(pack), sites_of_partner(place_of(pack)))


def sites_of_partner(place: Place) -> list[int]:
    """The sites in use of a place that is a whole partner; none for others."""
    if place.site_id is not None or place.partner_id is None:
        return []
    return list(directory.live_sites().filter(partner=place.partner_id).values_list("pk", flat=True))


def waiting_for(actor: Actor, limit: int) -> list[Waiting]:
    """Drafts that wait for the actor, oldest period first; the newest hundred are looked at. A constant number of queries."""
    rows = list(_drafts(actor))
    sites: dict[int | None, list[int]] = defaultdict(list)
    if any(pack.site_id is None for pack in rows):
        for partner, site in directory.live_sites().values_list("partner_id", "pk"):
            sites[partner].append(site)
    found = [
        Waiting(pack, what)
        for pack in sorted(rows, key=lambda pack: (pack.first_day, pack.pk))
        if (what := _awaited(actor, pack, sites[pack.partner_id]))
    ]
    return found[:limit]


def _drafts(actor: Actor) -> QuerySet[Pack]:
    """Drafts without a later revision, with what tells whom they wait for."""
    later = Pack.objects.filter(
        Q(site=OuterRef("site")) | Q(site=None, partner=OuterRef("partner")) | Q(scope=Scope.NETWORK),
        kind=OuterRef("kind"), scope=OuterRef("scope"), first_day=OuterRef("first_day"), revision__gt=OuterRef("revision"),
    )  # fmt: skip
    last = Comment.objects.filter(pack=OuterRef("pk")).order_by("-at").values("at")[:1]
    given = Acknowledgement.objects.filter(pack=OuterRef("pk")).order_by("-at").values("at")
    rows = packs_visible_to(actor).filter(~Exists(later), state=PackState.DRAFT)
    return (
        rows.annotate(
            unexplained=Exists(_unexplained(OuterRef("pk"))), last_comment=Subquery(last),
            by_company=Subquery(given.filter(side=Side.COMPANY)[:1]), by_partner=Subquery(given.filter(side=Side.PARTNER)[:1]),
        )
        .select_related("kind", "site__partner", "partner")
        .defer("data", "missing")
        .order_by("-first_day", "-pk")[:MOST_DRAFTS]
    )  # fmt: skip


def _awaited(actor: Actor, pack: Any, partner_site_ids: list[int]) -> str:
    """What the actor has to do with a draft of `_drafts`: "comment", "acknowledge", "publish", or ""."""
    place = place_of(pack)
    speaks = side_of(actor, place, partner_site_ids)
    if speaks and pack.unexplained:
        return "comment"
    holds = {
        side
        for side, at in ((Side.COMPANY, pack.by_company), (Side.PARTNER, pack.by_partner))
        if at and (pack.last_comment is None or pack.last_comment <= at)
    }
    if speaks and speaks[0] not in holds:
        return "acknowledge"
    ready = not pack.unexplained and holds.issuperset(sides_needed(pack))
    return "publish" if ready and publishing(actor, place) else ""


def _unexplained(pack_id: int | OuterRef) -> QuerySet[Line]:
    return Line.objects.filter(~Exists(Comment.objects.filter(line=OuterRef("pk"))), pack=pack_id, needs_comment=True)


def seen_ids(actor: Actor, ids: Collection[int]) -> set[int]:
    """Those of these packs that the actor sees."""
    return set(packs_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))


def general_comments(pack: Pack) -> Sequence[Comment]:
    """What was said of the pack as a whole, oldest first."""
    return list(Comment.objects.filter(pack=pack, line=None).select_related("by", "for_user").order_by("at", "pk"))


@dataclass(frozen=True, slots=True)
class Checked:
    """The pack that a hash belongs to. `holds`: computed again from the stored rows, it still comes out; of a draft that nothing was
    added since."""

    pack: Pack
    final: bool
    holds: bool


def with_hash(actor: Actor, content: str) -> Checked | None:
    """The pack in sight that was published with this hash, or of whose draft a file with it was made; None if there is none."""
    rows = packs_visible_to(actor).select_related("kind", "site__partner", "partner", "published_by")
    pack = rows.filter(content_hash=content).first()
    if pack is not None:
        return Checked(pack, final=True, holds=final_hash(pack) == content)
    given = Acknowledgement.objects.filter(pack=OuterRef("pk"), content_hash=content)
    made = PackFile.objects.filter(pack=OuterRef("pk"), of_hash=content)
    pack = rows.exclude(state=PackState.WAITING).filter(Exists(made) | Exists(given)).first()
    return Checked(pack, final=False, holds=draft_hash(pack) == content) if pack else None
