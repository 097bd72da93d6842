"""The REST API under /api/v1: tokens, idempotency, limits, problems. Wings register their routes; this room knows none."""
