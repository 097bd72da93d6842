"""The subject that a customer's first words gave to a case: what it is without any, and how it goes when they are removed."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from escalations import queries
from escalations.choices import Entry, briefs
from escalations.models import (
    BriefWord,
    CarriedEntry,
    Case,
    ChannelMessage,
    EntryBody,
    InboundMail,
    OutboundMail,
    TimelineEntry,
)
from escalations.rules.briefs.bounds import shortened
from portal.accounts.rules import Actor
from portal.notifications import actions as letters

from ._base import add_entry, save, trail, words
from .briefs import forget_in_briefs
from .create import index

#: What a case may begin with by itself.
FIRST: Final = ("mail.in", "channel.in")
#: A longer one is cut when the case begins.
MAX_SUBJECT: Final = 200


def wordless() -> str:
    """The subject where the customer gave none: in the installation's language, since it is kept as words."""
    with override(settings.LANGUAGE_CODE):
        return _("Message without words")


def cases_split_from(pk: int, entry_id: int) -> list[int]:
    """The cases that an entry of this one came along to."""
    return list(CarriedEntry.objects.filter(entry=entry_id, entry__case=pk).values_list("case", flat=True))


def subject_given(entry: TimelineEntry) -> str:
    """What the customer wrote that a case takes for its subject, as it is kept there. Read before the words are removed."""
    mails = InboundMail.objects.filter(entry=entry).values_list("message__subject", flat=True)
    text = "".join(EntryBody.objects.filter(entry=entry).values_list("text", flat=True))
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return words(("".join(mails).strip() or first)[:MAX_SUBJECT])


def forget_subject(acting: Actor, case: Case, entry: TimelineEntry, at: datetime, given: str = "") -> bool:
    """The words that the case began with were removed: its subject goes with them, unless somebody has written one since, be the
    case ended or not. The copies that the product made of it go in either case, in what was split off under the same, in letters
    and in briefs; `given`: what the customer wrote, since a subject that was corrected does not say it any more. The caller holds
    all these cases. Whether there was a subject of theirs."""
    if not _began_with(case, entry):
        return False
    corrected = _was_corrected(case)
    gone = given if corrected else case.subject
    if gone in ("", wordless(), *_names(entry)):
        return False
    split = Case.objects.filter(pk__in=cases_split_from(case.pk, entry.pk)).defer("search").order_by("pk")
    for one in (case, *split):
        _forget_headlines(one, gone)
        if one.subject == gone and not (one is case and corrected):
            _replace(acting, one, at)
    forget_in_briefs(entry, gone, acting.user_id)
    as_kept = {gone, shortened(gone, briefs.MAX_SUBJECT)}
    kept = BriefWord.objects.filter(brief__case__in=queries.showing(entry), redacted_at=None, text__in=as_kept)
    kept.update(text="", salt="", redacted_at=timezone.now(), redacted_by=acting.user_id)
    return True


def _began_with(case: Case, entry: TimelineEntry) -> bool:
    """Whether the case began with this entry, by itself, so that its subject was made of what the customer sent."""
    if entry.code not in FIRST:
        return False
    opened, first = [*TimelineEntry.objects.filter(case=case).order_by("pk")[:2], None][:2]
    return first == entry and opened is not None and _by_itself(opened, entry)


def _was_corrected(case: Case) -> bool:
    rows = TimelineEntry.objects.filter(case=case, code="details.changed")
    return rows.filter(params__fields__contains=["subject"]).exists()


def _by_itself(opened: TimelineEntry, entry: TimelineEntry) -> bool:
    """Whether nobody raised the case, and nothing was said of it but what came in then."""
    said = hasattr(opened, "body")
    return (opened.code, opened.actor_id, opened.params.get("channel"), said) == ("opened", None, entry.channel, False)


def _names(entry: TimelineEntry) -> Collection[str]:
    """The name of the endpoint that it came through: what a site reads in place of the customer's words."""
    return list(ChannelMessage.objects.filter(entry=entry).values_list("endpoint__name", flat=True))


def _forget_headlines(case: Case, gone: str) -> None:
    """Letters that were written under it say their reference alone."""
    tag = f"[{case.ref}]"
    told = OutboundMail.objects.filter(entry__case=case, subject=f"{tag} {' '.join(gone.split())}")
    letters.retitle_letters(told.values_list("key", flat=True), tag)
    told.update(subject=tag)


def _replace(acting: Actor, case: Case, at: datetime) -> None:
    """Nobody's form with the old subject in it may bring it back, so the case counts a change."""
    fields = {"fields": ["subject"]}
    case.subject = wordless()
    save(case, at, "subject")
    index(case)
    add_entry(case, acting, Entry.DETAILS, "details.changed", at, params=fields, internal=False)
    trail(acting, "case.details_changed", case, fields)
