"""Celery: the application and the whole beat table in one place."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Seconds between two runs. A task that waited a whole interval in the broker is dropped: the next one does its work.
TICK_SECONDS = 5
SEND_SECONDS = 5

app.conf.beat_schedule = {
    "sla-tick": {"task": "sla.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
    "sla-recompute": {"task": "sla.recompute", "schedule": 10.0, "options": {"expires": 10}},
    "notifications-fan-out": {"task": "notifications.fan_out", "schedule": SEND_SECONDS, "options": {"expires": SEND_SECONDS}},
    "notifications-send": {"task": "notifications.send", "schedule": SEND_SECONDS, "options": {"expires": SEND_SECONDS}},
    "notifications-prune": {"task": "notifications.prune", "schedule": 3600.0, "options": {"expires": 3600}},
    "cases-close-resolved": {"task": "escalations.close_resolved", "schedule": 60.0, "options": {"expires": 60}},
}
