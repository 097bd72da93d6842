"""Health: `healthz` says that the process answers, `readyz` what it depends on and how far behind the workers are."""

import logging

from django.db import Error, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.files import scanning
from portal.notifications import queries as notifications
from sla import queries as sla

log = logging.getLogger(__name__)
BROKER_SECONDS = 2.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Touches neither database nor broker, so that their trouble restarts no web process."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """What the portal depends on: 503 without the database, "degraded" without the broker or the virus scan.

    `oldest_due_clock_seconds` and `oldest_unsent_seconds` are ages in seconds, 0 when nothing waits: they
    grow when no worker runs.
    """
    if not _database_answers():
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    broker, scan = "ok" if _broker_answers() else "down", _virus_scan()
    return JsonResponse(
        {
            "status": "degraded" if "down" in (broker, scan) else "ok",
            "database": "ok",
            "broker": broker,
            "virus_scan": scan,
            "oldest_due_clock_seconds": round(sla.oldest_due_age(), 1),
            "oldest_unsent_seconds": round(notifications.oldest_unsent_age() or 0.0, 1),
        }
    )


def _database_answers() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        log.warning("The database does not answer", exc_info=True)
        return False
    return True


def _virus_scan() -> str:
    if not scanning.is_on():
        return "off"
    return "ok" if scanning.answers() else "down"


def _broker_answers() -> bool:
    from django.conf import settings
    from redis import Redis, RedisError

    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        ) as client:
            client.ping()
    except (RedisError, OSError):
        log.warning("The broker does not answer", exc_info=True)
        return False
    return True
