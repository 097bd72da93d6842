"""How a request stands is looked up state by state: one item of twenty thousand moves without all of them being counted.
IT's queue is read in its order."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

_BEFORE = """
CREATE OR REPLACE FUNCTION access_derive_requests(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE access_requests_accessrequest r
    SET state = d.state,
        ended_at = CASE WHEN d.state IN ('done', 'partly_done', 'closed') THEN coalesce(r.ended_at, now()) END
    FROM (
        SELECT request_id, CASE
            WHEN drafts = total THEN 'draft'
            WHEN ended = total AND verified > 0 AND verified + gone = total THEN 'done'
            WHEN ended = total AND verified > 0 THEN 'partly_done'
            WHEN ended = total THEN 'closed'
            WHEN stuck > 0 THEN 'attention'
            WHEN waiting > 0 THEN 'awaiting_approval'
            ELSE 'in_progress' END AS state
        FROM (
            SELECT request_id, count(*) AS total,
                count(*) FILTER (WHERE state = 'draft') AS drafts,
                count(*) FILTER (WHERE state = 'verified') AS verified,
                count(*) FILTER (WHERE state IN ('cancelled', 'superseded')) AS gone,
                count(*) FILTER (WHERE state IN ('verified', 'rejected', 'cancelled', 'expired', 'superseded')) AS ended,
                count(*) FILTER (WHERE state IN ('failed_final', 'blocked_sod')) AS stuck,
                count(*) FILTER (WHERE state IN ('submitted', 'awaiting_approval')) AS waiting
            FROM access_requests_requestitem WHERE request_id = ANY (ids) GROUP BY request_id
        ) counted
    ) d
    WHERE r.id = d.request_id AND r.state IS DISTINCT FROM d.state
$$;
"""
# OFFSET 0: the state of a request is found once, not at each place that names it.
_NOW = """
CREATE FUNCTION access_request_has(request bigint, VARIADIC states text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM access_requests_requestitem i WHERE i.request_id = request AND i.state = ANY (states))
$$;
CREATE OR REPLACE FUNCTION access_derive_requests(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE access_requests_accessrequest r
    SET state = d.state,
        ended_at = CASE WHEN d.state IN ('done', 'partly_done', 'closed') THEN coalesce(r.ended_at, now()) END
    FROM (
        SELECT one.id, CASE
            WHEN access_request_has(one.id, 'failed_final', 'blocked_sod') THEN 'attention'
            WHEN access_request_has(one.id, 'submitted', 'awaiting_approval') THEN 'awaiting_approval'
            WHEN access_request_has(one.id, 'approved', 'queued', 'sent', 'claimed_done', 'failed_retryable')
                THEN 'in_progress'
            WHEN access_request_has(one.id, 'draft') THEN CASE
                WHEN access_request_has(one.id, 'verified', 'rejected', 'cancelled', 'expired', 'superseded')
                    THEN 'in_progress' ELSE 'draft' END
            WHEN NOT access_request_has(one.id, 'verified') THEN 'closed'
            WHEN access_request_has(one.id, 'rejected', 'expired') THEN 'partly_done'
            ELSE 'done' END AS state
        FROM unnest(ids) AS one(id) OFFSET 0
    ) d
    WHERE r.id = d.id AND r.state IS DISTINCT FROM d.state
$$;
ALTER FUNCTION access_derive_requests(bigint[]) SET enable_nestloop = on;
"""
_RESET = """
ALTER FUNCTION access_derive_requests(bigint[]) RESET enable_nestloop;
"""
_GONE = "DROP FUNCTION access_request_has(bigint, text[]);"


class Migration(migrations.Migration):
    dependencies = [("access_requests", "0010_first_checks_and_letters")]

    operations = [
        migrations.AddIndex(
            model_name="requestitem", index=models.Index(fields=["request", "state"], name="item_request_state")
        ),
        migrations.AlterField(
            model_name="requestitem",
            name="request",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="access_requests.accessrequest",
            ),
        ),
        migrations.AddIndex(
            model_name="requestitem",
            index=models.Index(
                F("operation").desc(nulls_last=True),
                Coalesce("due_at", Value(datetime(9999, 12, 30, tzinfo=UTC))),
                F("id"),
                condition=Q(state__in=("sent", "claimed_done", "failed_retryable", "failed_final")),
                name="item_with_it",
            ),
        ),
        migrations.RunSQL(_NOW, _RESET + _BEFORE + _GONE),
    ]
