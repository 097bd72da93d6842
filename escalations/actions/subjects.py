"""The subject that a customer's first words gave to a case: what it is without any, and how it goes when they are removed."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from escalations import queries
from escalations.choices import Entry
from escalations.models import BriefWord, CarriedEntry, Case, ChannelMessage, OutboundMail, TimelineEntry
from portal.accounts.rules import Actor
from portal.notifications import actions as letters

from ._base import add_entry, save, trail
from .briefs import forget_in_briefs
from .create import index

#: What a case may begin with by itself.
FIRST: Final = ("mail.in", "channel.in")


def wordless() -> str:
    """The subject where the customer gave none: in the installation's language, since it is kept as words."""
    with override(settings.LANGUAGE_CODE):
        return _("Message without words")


def cases_split_from(pk: int, entry_id: int) -> list[int]:
    """The cases that an entry of this one came along to."""
    return list(CarriedEntry.objects.filter(entry=entry_id, entry__case=pk).values_list("case", flat=True))


def forget_subject(acting: Actor, case: Case, entry: TimelineEntry, at: datetime) -> bool:
    """The words that the case began with were removed: its subject goes with them, unless somebody has written one since, be the
    case ended or not; so do the copies that the product made of it, in what was split off under the same, in letters and in briefs.
    The caller holds all these cases. Whether the subject was theirs."""
    if not _is_theirs(case, entry):
        return False
    gone = case.subject
    split = Case.objects.filter(pk__in=cases_split_from(case.pk, entry.pk), subject=gone).order_by("pk")
    for one in (case, *split.defer("search")):
        _replace(acting, one, at)
    forget_in_briefs(entry, gone, acting.user_id)
    words = BriefWord.objects.filter(brief__case__in=queries.showing(entry), redacted_at=None, text=gone)
    words.update(text="", salt="", redacted_at=timezone.now(), redacted_by=acting.user_id)
    return True


def _is_theirs(case: Case, entry: TimelineEntry) -> bool:
    """Whether the case began with this entry, by itself, and its subject was made of what the customer sent, and is so still."""
    if entry.code not in FIRST or case.subject in (wordless(), *_names(entry)):
        return False
    entries = TimelineEntry.objects.filter(case=case)
    opened, first = [*entries.order_by("pk")[:2], None][:2]
    if first != entry or opened is None or not _by_itself(opened, entry):
        return False
    return not entries.filter(code="details.changed", params__fields__contains=["subject"]).exists()


def _by_itself(opened: TimelineEntry, entry: TimelineEntry) -> bool:
    """Whether nobody raised the case, and nothing was said of it but what came in then."""
    said = hasattr(opened, "body")
    return (opened.code, opened.actor_id, opened.params.get("channel"), said) == ("opened", None, entry.channel, False)


def _names(entry: TimelineEntry) -> Collection[str]:
    """The name of the endpoint that it came through: what a site reads in place of the customer's words."""
    return list(ChannelMessage.objects.filter(entry=entry).values_list("endpoint__name", flat=True))


def _replace(acting: Actor, case: Case, at: datetime) -> None:
    """Nobody's form with the old subject in it may bring it back, so the case counts a change."""
    tag, fields = f"[{case.ref}]", {"fields": ["subject"]}
    said = f"{tag} {' '.join(case.subject.split())}"
    told = OutboundMail.objects.filter(entry__case=case, subject=said)
    letters.retitle_letters(told.values_list("key", flat=True), tag)
    told.update(subject=tag)
    case.subject = wordless()
    save(case, at, "subject")
    index(case)
    add_entry(case, acting, Entry.DETAILS, "details.changed", at, params=fields, internal=False)
    trail(acting, "case.details_changed", case, fields)
