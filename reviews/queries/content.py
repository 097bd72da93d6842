"""A pack's content as its hash sees it, from the stored rows."""

from ..models import Acknowledgement, Comment, Pack
from ..rules.hashing import Acknowledged, Said, content_hash, published_hash


def draft_hash(pack: Pack) -> str:
    """What sides acknowledge as the pack stands: its data with every comment. One query."""
    rows = Comment.objects.filter(pack=pack).select_related("line").order_by("at", "pk")
    return content_hash(pack.data or {}, [_said(one) for one in rows])


def final_hash(pack: Pack) -> str:
    """What the pack is known by once published: the draft's hash with the acknowledgements of it. Two queries."""
    draft = draft_hash(pack)
    rows = Acknowledgement.objects.filter(pack=pack, content_hash=draft).order_by("at", "pk")
    return published_hash(draft, [Acknowledged(one.side, one.by_id, one.for_user_id, one.at) for one in rows])


def _said(row: Comment) -> Said:
    section, key = (row.line.section, row.line.key) if row.line else ("", "")
    return Said(section, key, row.text, row.side, row.by_id, row.for_user_id, row.at)
