"""Sites whose sums or figures changed are marked by the database, so that looking for signals costs nothing when nothing did."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

MARK = """
CREATE FUNCTION kpis_mark_signal_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kpis_signaldue (site_id) SELECT DISTINCT site_id FROM made;
    RETURN NULL;
END $$;
CREATE TRIGGER queue_day_signal_due AFTER INSERT ON kpis_queueday
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION kpis_mark_signal_due();
CREATE TRIGGER figure_signal_due AFTER INSERT ON kpis_figure
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION kpis_mark_signal_due();
CREATE TRIGGER figure_changed_signal_due AFTER UPDATE ON kpis_figure
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION kpis_mark_signal_due();
"""
NO_MARK = """
DROP TRIGGER figure_changed_signal_due ON kpis_figure;
DROP TRIGGER figure_signal_due ON kpis_figure;
DROP TRIGGER queue_day_signal_due ON kpis_queueday;
DROP FUNCTION kpis_mark_signal_due();
"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0004_first_definitions")]

    operations = [
        migrations.CreateModel(
            name="SignalDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.site"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(MARK, NO_MARK),
    ]
