"""What a pack is to be rendered as: asked for in the transaction that changes it, made by workers."""

from collections.abc import Iterable

from ..choices import PackState
from ..models import Pack, PackFile
from ..queries.content import draft_hash


def ask(pack: Pack, languages: Iterable[str] = ()) -> None:
    """Have a pack's formats made as it stands, in its language and others; what was asked for already is not made twice."""
    final = pack.state == PackState.PUBLISHED
    of_hash = pack.content_hash if final else draft_hash(pack)
    wanted = [
        PackFile(pack=pack, format=one, language=language, final=final, of_hash=of_hash)
        for language in dict.fromkeys([pack.language, *languages])
        for one in pack.formats
    ]
    PackFile.objects.bulk_create(wanted, ignore_conflicts=True)
