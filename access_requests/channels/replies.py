"""What an answer to one of our letters says. Pure: only what is beyond doubt is acted on, the rest is for a person."""

import re
from dataclasses import dataclass
from typing import Final, Literal

# "done", "Completed, ticket INC-12345.", "已完成 工单 4711"; a remark behind it means that a person should read it.
_DONE: Final = re.compile(
    r"(?:done|complete|completed|resolved|已完成|完成了?|已处理|已解决|已办理)"
    r"(?:[\s.,:;!。，：；！-]*(?:(?:with\s+)?(?:ticket|工单号?|单号)\s*(?:no\.?|number|id)?)?[\s:#：.]*"
    r"(?P<ticket>[A-Z]{1,10}[-_ ]?\d{1,12}|\d{3,12}))?[\s.!。！]*",
    re.IGNORECASE,
)
_FAILED: Final = re.compile(
    r"(?:failed|failure|rejected|declined|refused|失败|无法完成|未能完成|无法办理|已拒绝|拒绝)(?![\w-])[\s.,:;!。，：；！-]*(?P<why>.*)",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(r"\[AR-(\d{1,18})/(\d{1,18})\]")
_REFERENCE: Final = re.compile(r"AR-(\d{1,18})/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: done (with a ticket number or ""), failed (and why), or something for a person to read."""

    kind: Literal["done", "failed", "other"]
    ticket: str = ""
    why: str = ""


def read(text: str) -> Reply:
    """What an answer says in its first line that is not empty."""
    first = next((line.strip() for line in text.replace("\0", "").splitlines() if line.strip()), "")[:400]
    if done := _DONE.fullmatch(first):
        return Reply("done", ticket=(done["ticket"] or "").replace(" ", "-"))
    if failed := _FAILED.fullmatch(first):
        return Reply("failed", why=failed["why"].strip())
    return Reply("other")


def item_of(reference: str, subject: str) -> tuple[int, int] | None:
    """The request and the item that an answer is about: by the letter that it answers, else by its subject."""
    found = _REFERENCE.fullmatch(reference) or _SUBJECT.search(subject)
    return (int(found[1]), int(found[2])) if found else None


def same_domain(sender: str, address: str) -> bool:
    """Whether an answer comes from where the letter went."""
    one, other = sender.rpartition("@")[2], address.rpartition("@")[2]
    return bool(one) and one.casefold() == other.casefold()
