"""What people change about themselves."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.accounts import access
from portal.accounts.models import User
from portal.accounts.registry import end_keys
from portal.accounts.rules import Actor
from portal.audit.actions import record


@transaction.atomic
def change_profile(*, actor: Actor, name: str, language: str, time_zone: str, shortcuts_enabled: bool) -> User:
    """Change one's own name, language, time zone and shortcuts. Audited: which of them, but not the name itself."""
    user = access.get_self(actor, for_update=True)
    new = {"name": name, "language": language, "time_zone": time_zone, "shortcuts_enabled": shortcuts_enabled}
    changed = {key: value for key, value in new.items() if getattr(user, key) != value}
    if not changed:
        return user
    told: dict[str, object] = {key: [getattr(user, key), value] for key, value in changed.items() if key != "name"}
    told |= {"name": True} if "name" in changed else {}
    for key, value in changed.items():
        setattr(user, key, value)
    user.save(update_fields=list(changed))
    record(actor=actor, verb="user.profile_changed", subject_type="user", subject_id=user.pk, changes=told)
    return user


@transaction.atomic
def end_own_sessions(*, actor: Actor) -> User:
    """Sign the actor out everywhere, programs too. Audited."""
    user = access.get_self(actor, for_update=True)
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    end_keys([user.pk], timezone.now())
    record(actor=actor, verb="user.sessions_ended", subject_type="user", subject_id=user.pk)
    user.refresh_from_db(fields=["session_version"])
    return user
