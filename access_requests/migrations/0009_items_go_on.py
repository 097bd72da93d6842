"""Leavers who held nothing leave a line; what is tried again by itself may be done by hand meanwhile; indexes for what goes on by itself."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# A frozen copy of access_requests.transitions; a test compares the two.
PAIRS = """
draft>submitted draft>cancelled
submitted>blocked_sod submitted>awaiting_approval submitted>approved submitted>cancelled submitted>superseded
blocked_sod>submitted blocked_sod>rejected blocked_sod>expired blocked_sod>cancelled blocked_sod>superseded
awaiting_approval>approved awaiting_approval>rejected awaiting_approval>expired awaiting_approval>blocked_sod
awaiting_approval>cancelled awaiting_approval>superseded
approved>queued approved>blocked_sod approved>cancelled approved>superseded
queued>sent queued>blocked_sod queued>failed_retryable queued>failed_final queued>cancelled queued>superseded
sent>claimed_done sent>failed_retryable sent>failed_final sent>superseded
claimed_done>verified claimed_done>failed_final claimed_done>superseded
failed_retryable>queued failed_retryable>failed_final failed_retryable>claimed_done failed_retryable>cancelled
failed_retryable>superseded
failed_final>queued failed_final>claimed_done failed_final>cancelled failed_final>superseded
""".split()
BEFORE = [pair for pair in PAIRS if pair != "failed_retryable>claimed_done"]


def steps(pairs: list[str]) -> str:
    """The function that refuses every other step."""
    return """
CREATE OR REPLACE FUNCTION access_item_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.state || '>' || NEW.state) = ANY ('{%s}'::text[]) THEN
        RAISE EXCEPTION 'an item does not go from %% to %%', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'item_step_known', TABLE = 'access_requests_requestitem';
    END IF;
    RETURN NEW;
END $$;
""" % ",".join(pairs)


class Migration(migrations.Migration):
    dependencies = [("access_requests", "0008_who_stands_in"), ("partners", "0005_leave_and_names")]

    operations = [
        migrations.RunSQL(steps(PAIRS), steps(BEFORE)),
        migrations.CreateModel(
            name="LeaverReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to="partners.person",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="empty_reports",
                        to="access_requests.accessrequest",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(("cancelled_at", None)), fields=["person"], name="leaver_report_person")
                ],
                "constraints": [models.UniqueConstraint(fields=("request", "person"), name="leaver_report_once")],
            },
        ),
        migrations.AlterField(
            model_name="accessrequest",
            name="origin",
            field=models.CharField(
                choices=[
                    ("person", "By hand"), ("roster", "Roster"), ("bundle", "New version of a bundle"),
                    ("expiry", "A reason ended"), ("directory", "Change in the directory"),
                    ("sweep", "Held without a reason"),
                ],
                default="person",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(condition=Q(("origin", "sweep")), fields=["-id"], name="request_swept"),
        ),
        migrations.AddIndex(
            model_name="requestitem",
            index=models.Index(condition=Q(("state", "blocked_sod")), fields=["person"], name="item_blocked"),
        ),
        migrations.AddIndex(
            model_name="requestitem",
            index=models.Index(
                condition=Q(("failure__in", ("no_seat", "removal_first")), ("state", "failed_final")),
                fields=["id"],
                name="item_waits_for_room",
            ),
        ),
    ]  # fmt: skip
