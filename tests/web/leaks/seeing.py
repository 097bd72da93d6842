"""What somebody is shown, and what of it they must not be told."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from escalations.models import Case, CaseGrant, EntryBody, TimelineEntry, Watcher
from tests.web.hidden import Secrets
from tests.web.hidden_reviews import Kept
from tests.web.matrix import MATRIX

# The trail names cases by their numbers: whoever reads it knows that they are there, and nothing else.
TRAIL = "/audit/"
# Everybody who has a standing of some kind but does not see every case.
CURIOUS = (
    "administrator", "auditor", "manager", "associate", "lead", "agent", "foreign_lead", "stand_in",
    "stand_in_of_service_lead", "it",
)  # fmt: skip
CASE_PARTS = (
    "", "assign/", "severity/", "state/", "contact/", "escalate/", "details/", "service/", "sensitivity/", "merge/", "access/", "mail/",
    "handover/", "consult/", "handing/",
    "fact/", "card/", "macro/", "link/", "linked/",
)  # fmt: skip


def text_of(client: Client, url: str, data: Any = None, **headers: Any) -> str:
    """The page as sent, streamed or not, with its headers; of a PDF what can be read of it."""
    response = client.get(url, data, **headers)
    body = b"".join(response) if response.streaming else response.content
    return f"{response.status_code}\n{dict(response.headers)}\n{body.decode(errors='replace')}"


def leaks(found: Secrets, who: str, page: str, url: str, *, refs: bool = True) -> list[str]:
    """What this page tells this person that it must not; `refs` False where the reference stood in the address."""
    wrong = []
    for case in found.cases.values():
        wrong += [f"{who} {url}: {word}" for word in case.unseen_by(who) if word in page]
        knows = who in case.readers | case.refs or not refs
        if not knows and not url.startswith(TRAIL) and re.search(rf"EC-{case.pk}\b", page):
            wrong.append(f"{who} {url}: {case.ref}")
    for one in found.kept:
        if who not in one.readers and tells(one, page, named=refs and not url.startswith(TRAIL)):
            wrong.append(f"{who} {url}: {one.key}")
    return wrong


def tells(one: Kept, page: str, *, named: bool = True) -> bool:
    """Whether a page has anything that reviews keep; `named`: what people call it counts too."""
    return one.word in page or bool(named and one.ref and re.search(rf"\b{one.ref}\b", page))


def pages(found: Secrets) -> Iterator[str]:
    """Every address that anybody may open, with the rows of the matrix."""
    for name, row in MATRIX.items():
        if ":" in name and 200 in row.get:
            yield reverse(name, kwargs=found.made.args[row.args] if row.args else None)


def same(page: str, ref: str) -> str:
    """A page without what differs from one request to the next."""
    page = re.sub(
        r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9]{64}|nonce-[\w+/=]+|\d\d:\d\d(:\d\d\.\d+)?",
        "*",
        page,
    )
    return page.replace(ref, "EC-?").replace(ref.lower(), "EC-?")


def state_of_everything() -> tuple[object, ...]:
    """All that a door could change."""
    return (
        list(Case.objects.order_by("pk").values_list("pk", "version", "updated_at", "owner", "subject", "sensitivity")),
        TimelineEntry.objects.count(),
        list(EntryBody.objects.order_by("pk").values_list("pk", "text")),
        list(CaseGrant.objects.order_by("pk").values_list("pk", "revoked_at", "reviewed_at")),
        list(Watcher.objects.order_by("pk").values_list("case", "user")),
    )
