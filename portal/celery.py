"""Celery: the application and the whole beat table in one place."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Seconds between two runs. A task that waited a whole interval in the broker is dropped: the next one does its work.
TICK_SECONDS = 5
SEND_SECONDS = 5


def _every(task: str, seconds: float) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app.conf.beat_schedule = {
    "sla-tick": _every("sla.tick", TICK_SECONDS),
    "sla-recompute": _every("sla.recompute", 10),
    "sla-refresh-calendars": {"task": "sla.refresh_calendars", "schedule": crontab(hour="2", minute="15")},
    "notifications-fan-out": _every("notifications.fan_out", SEND_SECONDS),
    "notifications-send": _every("notifications.send", SEND_SECONDS),
    "notifications-prune": _every("notifications.prune", 3600),
    "notifications-dispatch": _every("notifications.dispatch", SEND_SECONDS),
    "mailbox-poll": _every("mailbox.poll", 60),
    "mailbox-handle": _every("mailbox.handle", 30),
    "api-prune": _every("api.prune", 3600),
    "webhooks-prune": {"task": "webhooks.prune", "schedule": crontab(hour="3", minute="50")},
    "files-purge": {"task": "files.purge", "schedule": crontab(hour="3", minute="40")},
    "cases-take-messages": _every("escalations.take_messages", SEND_SECONDS),
    "cases-settle-mail": _every("escalations.settle_mail", 60),
    "cases-close-resolved": _every("escalations.close_resolved", 60),
    "cases-give-unowned": _every("escalations.give_unowned", 10),
    "cases-evidence": _every("escalations.evidence", 10),
    "cases-remind": _every("escalations.remind", 60),
    "cases-hand-in-figures": _every("escalations.hand_in_figures", 60),
    "cases-hand-in-figures-again": {
        "task": "escalations.hand_in_figures_again",
        "schedule": crontab(hour="2", minute="35"),
    },
    "access-dispatch": _every("access.dispatch", SEND_SECONDS),
    "access-expire": _every("access.expire", 60),
    "access-recheck": _every("access.recheck", 60),
    "access-follow-days": _every("access.follow_days", 60),
    "access-prune-drafts": {"task": "access.prune_drafts", "schedule": crontab(hour="3", minute="30")},
    "access-free": _every("access.free", 60),
    "access-sweep": _every("access.sweep", 900),
    "access-find-orphans": _every("access.find_orphans", 300),
    "access-tell-stand-ins": _every("access.tell_stand_ins", 60),
    "access-hand-in-figures": _every("access.hand_in_figures", 60),
    "access-hand-in-figures-again": {
        "task": "access.hand_in_figures_again",
        "schedule": crontab(hour="2", minute="40"),
    },
    "access-expire-undecided": {"task": "access.expire_undecided", "schedule": crontab(minute="20")},
    "kpis-recompute": _every("kpis.recompute", 5),
    "kpis-hand-in-headcount": _every("kpis.hand_in_headcount", 60),
    "kpis-hand-in-headcount-again": {
        "task": "kpis.hand_in_headcount_again",
        "schedule": crontab(hour="2", minute="30"),
    },
    "kpis-make-months": {"task": "kpis.make_months", "schedule": crontab(hour="1", minute="10")},
    "kpis-verify": {"task": "kpis.verify", "schedule": crontab(hour="4", minute="20")},
    "kpis-look-for-signals": _every("kpis.look_for_signals", 60),
    "kpis-look-everywhere": {"task": "kpis.look_everywhere", "schedule": crontab(minute="5")},
    "kpis-send-mailings": _every("kpis.send_mailings", 60),
    "kpis-read-imports": _every("kpis.read_imports", 5),
    "reviews-make-packs": _every("reviews.make_packs", 30),
    "reviews-freeze-packs": _every("reviews.freeze_packs", 10),
    "reviews-render-files": _every("reviews.render_files", 10),
    "reviews-make-meetings": _every("reviews.make_meetings", 600),
    "partners-end-lapsed-access": _every("partners.end_lapsed_access", 300),
    "partners-remind-of-attestations": _every("partners.remind_of_attestations", 1800),
}
