"""Kinds of notification. A wing registers its own in `AppConfig.ready`; this room knows none of them.

What is stored is the kind with parameters. The words are made when somebody reads them, in their language.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor
    from portal.notifications.models import Notification, OutboxRow

Params = Mapping[str, Any]
Payload = Mapping[str, Any]

Visible = Callable[["Actor", Sequence["Notification"]], Mapping[int, Collection[int]]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event reaches one person. `url` is a path of ours; `params` go to the kind's `title`."""

    recipient_id: int
    subject_id: int
    url: str
    params: Params = field(default_factory=dict)
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that travels in a mail; `name` is unique in it, of letters and digits."""

    name: str
    png: bytes

    @property
    def cid(self) -> str:
        """By which the mail's HTML shows it: `<img src="cid:…">`."""
        return f"{self.name}@portal"


@dataclass(frozen=True, slots=True)
class MailPart:
    """What stands in a mail below a notification's line; `html` is markup that is safe."""

    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """How notifications of one kind are worded, aimed and guarded.

    title: the line to show, for one event's parameters or, when `count` > 1 or there are no parameters, for so many of
        them; called with the reader's language active.
    visible: those notifications, by id, of which the reader may still see a subject, each with its subjects that are
        out of sight. Called with all of a page at once, once for all kinds that share the function, so it must cost a
        constant number of queries.
    resolve: turns a set of emitted events of one tick into deliveries. It runs in a worker, later than the event, so
        it must look at permission and state as they are then. Kinds that are only sent by `notify` have none.
    list_url: where a notification that stands for several events leads; without it, to the first event's subject.
    mail_parts: what mails show below these notifications, by id; called when the mail is written, in the reader's language, with
        those that the reader may see and of each only the subjects in sight.
    """

    key: str
    title: Callable[[Params, int], str]
    visible: "Visible"
    resolve: Callable[[list[Payload]], list[Delivery]] | None = None
    list_url: Callable[[], str] | None = None
    icon: str = "bell"
    mail_parts: "Callable[[Sequence[Notification]], Mapping[int, MailPart]] | None" = None


_kinds: dict[str, NotificationKind] = {}


def register_kind(kind: NotificationKind) -> None:
    """Add a kind. Raises ValueError if another one has its key."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"notification kind {kind.key!r} is taken")


def kind_of(key: str) -> NotificationKind | None:
    """The kind of this key; None if no wing registered it (any more)."""
    return _kinds.get(key)


def require_kind(key: str) -> NotificationKind:
    """The kind of this key. Raises ValueError for one that nobody registered."""
    kind = _kinds.get(key)
    if kind is None:
        raise ValueError(f"no notification kind {key!r}")
    return kind


def everyone(actor: "Actor", notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """For kinds about nothing but the reader: all of them are visible."""
    return {notification.pk: () for notification in notifications}


def seen_in_part(notifications: Sequence["Notification"], seen: Collection[int]) -> Mapping[int, Collection[int]]:
    """The answer of a `visible`, from the subjects that the reader may see: one of several is enough to show a line."""
    hidden = {one.pk: [pk for pk in one.subject_ids if pk not in seen] for one in notifications}
    return {one.pk: hidden[one.pk] for one in notifications if len(hidden[one.pk]) < len(one.subject_ids)}


class RetryLater(Exception):  # noqa: N818 - an answer, not a fault
    """A delivery failed in a way that passes; `after` is how many seconds the other side asked to be left alone."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Undeliverable(Exception):  # noqa: N818 - an answer, not a fault
    """A delivery that no further attempt would make succeed; says why in one line."""


@dataclass(frozen=True, slots=True)
class OutboxTopic:
    """What becomes of outbox rows of one topic.

    deliver: carries a row out, outside any transaction, within a minute. It may be called again for a row that it has
        carried out (a worker died before it was marked), so it hands `row.idempotency_key` on or looks before it acts.
        Returning means done. Raises RetryLater or Undeliverable; anything else counts as RetryLater and is logged.
    gave_up: told of a row that will not be tried again, with the reason, in the transaction that buries it.
    """

    key: str
    label: "StrOrPromise"
    deliver: "Callable[[OutboxRow], None]"
    gave_up: "Callable[[OutboxRow, str], None] | None" = None


@dataclass(frozen=True, slots=True)
class LetterWatch:
    """Who is told how letters end: by idempotency key, "sent" or "failed", and why it failed; within the transaction that
    marks the row. If it raises, what failed is tried again; what is out stays sent, and the wing looks for it by itself
    (`queries.ended_letters`). `subject_now`: what a letter's headers may say
    at most when it goes, since what it is about may be more secret than when it was written; "" if all that they say. `hold` locks
    what `settled` writes, before the row is marked: whoever works on it locks it before they touch the row. `hidden`: which of
    these letters are about what is out of sight of administrators, so that they read neither whom one went to nor what the
    server said of them; called once for a page. `tried_again`: an administrator has a letter sent again that had failed; told after
    `hold`, in the transaction that makes it due."""

    key: str
    settled: Callable[[str, str, str], None]
    subject_now: Callable[[str], str] = lambda _key: ""
    hold: Callable[[str], None] = lambda _key: None
    hidden: Callable[[Collection[str]], Collection[str]] = lambda _keys: ()
    tried_again: Callable[[str], None] = lambda _key: None


_watches: dict[str, LetterWatch] = {}


def register_watch(watch: LetterWatch) -> None:
    """Add a watch. Raises ValueError if another one has its key."""
    if _watches.setdefault(watch.key, watch) != watch:
        raise ValueError(f"letter watch {watch.key!r} is taken")


def watch_of(key: str) -> LetterWatch | None:
    """The watch of this key; None if no wing registered it (any more)."""
    return _watches.get(key)


_topics: dict[str, OutboxTopic] = {}


def register_topic(topic: OutboxTopic) -> None:
    """Add a topic of the outbox. Raises ValueError if another one has its key."""
    if _topics.setdefault(topic.key, topic) != topic:
        raise ValueError(f"outbox topic {topic.key!r} is taken")


def topic_of(key: str) -> OutboxTopic | None:
    """The topic of this key; None if no room registered it."""
    return _topics.get(key)


def topic_keys() -> list[str]:
    """Keys of all topics that rooms registered."""
    return sorted(_topics)
