"""The trigger that derives requests' states joins what a statement changed with what it was. Its plan is kept for the session:
made for a statement with one row, it compared each row with each when a thousand leavers came."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("access_requests", "0005_request_drafts")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION access_items_updated() SET enable_nestloop = off",
            "ALTER FUNCTION access_items_updated() RESET enable_nestloop",
        ),
    ]
