"""What comes in and what goes out, field by field. The words are for the reference page too, which translates them."""

from datetime import datetime
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as marked
from ninja import Schema
from pydantic import Field, StringConstraints

from escalations.choices import Channel, Direction, Impact, Outcome, Sensitivity, Signal, State, Urgency
from escalations.choices.queue import Age
from escalations.choices.statutory import Duty
from portal.api.http import KEPT, SAID, Body, Instant, Listed, Said, Text

Code = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=KEPT)]
# In a body a choice is its word; an enumeration takes nothing else.
Chosen = Field(strict=False)
# How somebody can be in touch with a customer; an import is no contact.
ContactChannel = Literal["phone", "email", "chat", "social", "messaging", "portal", "letter"]


class CaseIn(Body):
    """A case to be raised."""

    service: Code = Field(description=marked("Code of the service that is to work it."))
    site: Code | None = Field(None, description=marked("Code of the partner's site; associates may leave it out."))
    subject: Annotated[str, StringConstraints(max_length=200, pattern=SAID)] = Field(
        description=marked("One line: who is affected, and how.")
    )
    description: Text = Field("", description=marked("What happened."))
    issue_type: Code | None = Field(None, description=marked("Code of the issue type."))
    channel: ContactChannel = Field("portal", description=marked("How the matter reached you."))
    customer_ref: Annotated[str, StringConstraints(max_length=80, pattern=KEPT)] = Field(
        "", description=marked("An identifier, not a name.")
    )
    contact_hint: Annotated[str, StringConstraints(max_length=200, pattern=KEPT)] = Field(
        "", description=marked("Preferred channel, language and hours.")
    )
    impact: Annotated[Impact, Chosen] | None = Field(
        None, description=marked("What is at stake; together with urgency.")
    )
    urgency: Annotated[Urgency, Chosen] | None = Field(
        None, description=marked("How soon it bites; together with impact.")
    )
    signals: list[Annotated[Signal, Chosen]] = Field(
        [], max_length=4, description=marked("Each of these makes the case S1.")
    )
    severity: int | None = Field(
        None, ge=1, le=4, description=marked("Against the matrix, with a reason; not for partners.")
    )
    severity_reason: Annotated[str, StringConstraints(max_length=1000, pattern=KEPT)] = Field(
        "", description=marked("Why the matrix does not fit.")
    )
    sensitivity: Annotated[Sensitivity, Chosen] = Field(
        Sensitivity.STANDARD, description=marked("Who may know of it; partners raise standard cases only.")
    )


class CaseMade(Schema):
    """A case that was raised."""

    ref: str
    severity: int
    opened_at: datetime
    href: str
    possible_duplicates: list[str] | None = Field(
        None, description=marked("References of at most five cases that may be the same; only if that was asked for.")
    )


class CaseAsked(Schema):
    """What one may ask of the answer to a case that is raised."""

    possible_duplicates: bool = Field(
        False,
        description=marked(
            "Whether the answer names cases that may be the same, of those that you may see; needs cases:read, too."
        ),
    )


class NoteIn(Body):
    """A note."""

    kind: Literal["note"]
    text: Said = Field(description=marked("What the next person needs to know."))
    shared: bool = Field(
        False, description=marked("Whether the partner reads it too; partners write shared notes only.")
    )


class ContactIn(Body):
    """A contact with the customer, as it went."""

    kind: Literal["contact"]
    channel: ContactChannel
    direction: Annotated[Direction, Chosen] = Field(description=marked("in: from the customer; out: to the customer."))
    outcome: Annotated[Outcome, Chosen] = Field(description=marked("What came of it; it has to fit the direction."))
    text: Said = Field(description=marked("What was said."))
    at: Instant | None = Field(
        None, description=marked("When; now if left out. Neither in the future nor before the case.")
    )
    duties: list[Annotated[Duty, Chosen]] = Field(
        [],
        max_length=3,
        description=marked("Answers by law that it is, of those that are owed; only what reached the customer is one."),
    )


EntryIn = Annotated[NoteIn | ContactIn, Field(discriminator="kind")]


class EntryMade(Schema):
    """An entry that was added."""

    id: int
    ref: str
    at: datetime


class Named(Schema):
    """A configured thing: its code, and its name in the language of the request."""

    code: str
    name: str


class CaseRow(Schema):
    """A case as lists have it."""

    ref: str
    subject: str
    state: State
    severity: int
    sensitivity: Sensitivity
    service: Named
    site: Named | None
    owner: str | None = Field(description=marked("Who works it; null: nobody yet."))
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    next_due_at: datetime | None = Field(description=marked("The earliest due time of its running clocks."))
    href: str


class CaseFull(CaseRow):
    """A case."""

    channel: Channel
    issue_type: Named | None
    customer_ref: str
    contact_hint: str
    impact: str
    urgency: str
    signals: list[Signal]
    severity_overridden: bool
    escalation_level: int
    reopen_count: int
    closed_at: datetime | None
    merged_into: str | None = Field(description=marked("Where a merged case goes on, if you may see that one."))


class CaseFilters(Listed):
    """What narrows a list of cases. Several values of one filter are alternatives."""

    state: list[State] = Field([], max_length=9)
    severity: list[Annotated[int, Field(ge=1, le=4)]] = Field([], max_length=4)
    service: list[Code] = Field([], max_length=20, description=marked("Codes of services."))
    site: list[Code] = Field([], max_length=20, description=marked("Codes of sites."))
    owner: Literal["me", "nobody"] | None = Field(None, description=marked("Yours, or those that nobody works yet."))
    age: Age | None = Field(None, description=marked("How long ago it was opened."))
    q: Annotated[str, StringConstraints(max_length=200, pattern=KEPT)] = Field(
        "", description=marked("Words of the subject or the customer reference, or a reference like EC-20418.")
    )


class Cases(Schema):
    """One page of cases, the newest first."""

    items: list[CaseRow]
    next: str | None = Field(description=marked("The cursor of the page after this one."))
    previous: str | None = Field(description=marked("The cursor of the page before this one."))


class EntryRow(Schema):
    """One thing that happened to a case."""

    id: int
    at: datetime
    kind: str
    code: str
    says: str = Field(description=marked("What happened, in the language of the request."))
    text: str = Field(description=marked("The words of the entry; empty where there are none or they were removed."))
    redacted: bool
    by: str | None = Field(description=marked("Who did it; null: the system."))
    for_: str | None = Field(alias="for", description=marked("Whom they stood in for."))
    internal: bool
    channel: str
    direction: str
    outcome: str
    ref: str | None = Field(
        description=marked(
            "The case it was written in, if you may see that one: another one if that was merged into this, or this was split from it."
        )
    )


class Entries(Schema):
    """One page of entries, the oldest first."""

    items: list[EntryRow]
    next: str | None = Field(description=marked("The cursor of the page after this one."))
    previous: str | None = Field(description=marked("The cursor of the page before this one."))


class ClockRow(Schema):
    """One promise of a case."""

    metric: str
    cycle: int
    state: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    paused_seconds: int
    met_at: datetime | None
    breached_at: datetime | None
    in_time: bool | None = Field(
        description=marked("Whether it was kept; null while it is open or when it was cancelled.")
    )


class Clocks(Schema):
    """The clocks of a case, oldest round first."""

    items: list[ClockRow]
