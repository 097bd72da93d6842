import django.db.models.deletion
from django.db import migrations, models

from portal.audit.triggers import append_only

# A fact stands on an entry of its own case, and replaces a fact of the same case and topic.
_FITS = """
CREATE OR REPLACE FUNCTION escalations_fact_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM escalations_timelineentry e WHERE e.id = NEW.entry_id AND e.case_id = NEW.case_id) THEN
        RAISE EXCEPTION 'the entry of a fact is of another case' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM escalations_casefact f WHERE f.id = NEW.replaces_id AND f.case_id = NEW.case_id AND f.key = NEW.key
    ) THEN
        RAISE EXCEPTION 'a fact replaces one of the same case and topic' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('escalations', '0004_case_counts'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, max_length=40)),
                ('source', models.CharField(choices=[('customer', 'Told by the customer'), ('checked', 'Checked by us'), ('partner', 'From the partner'), ('system', 'From a system'), ('other', 'From somebody else')], max_length=12)),
                ('withdrawn', models.BooleanField(default=False)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='timelineentry',
            name='entry_kind_known',
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='kind',
            field=models.CharField(choices=[('opened', 'Opened'), ('note', 'Note'), ('contact', 'Contact'), ('state', 'State'), ('severity', 'Severity'), ('assignment', 'Assignment'), ('service', 'Service'), ('sensitivity', 'Sensitivity'), ('grant', 'Access'), ('details', 'Details'), ('clock', 'Clock'), ('escalation', 'Escalation'), ('link', 'Link'), ('fact', 'Known fact'), ('imported', 'Imported event')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opened', 'note', 'contact', 'state', 'severity', 'assignment', 'service', 'sensitivity', 'grant', 'details', 'clock', 'escalation', 'link', 'fact', 'imported'])), name='entry_kind_known'),
        ),
        migrations.AddField(
            model_name='casefact',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='known', to='escalations.case'),
        ),
        migrations.AddField(
            model_name='casefact',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='fact', to='escalations.timelineentry'),
        ),
        migrations.AddField(
            model_name='casefact',
            name='replaces',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='escalations.casefact'),
        ),
        migrations.AddIndex(
            model_name='casefact',
            index=models.Index(fields=['case', 'id'], name='fact_of_case'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces', None), models.Q(('key', ''), _negated=True)), fields=('case', 'key'), name='fact_one_thread_per_key'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['customer', 'checked', 'partner', 'system', 'other'])), name='fact_source_known'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z0-9_]*$')), name='fact_key_is_a_code'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn', False), ('replaces__isnull', False), _connector='OR'), name='fact_withdraws_one'),
        ),
        migrations.AddConstraint(
            model_name='casefact',
            constraint=models.CheckConstraint(condition=models.Q(('replaces', models.F('id')), _negated=True), name='fact_not_replaced_by_itself'),
        ),
        *append_only("escalations_casefact"),
        migrations.RunSQL(_FITS, "DROP FUNCTION escalations_fact_fits()"),
        migrations.RunSQL(
            "CREATE TRIGGER fact_fits BEFORE INSERT ON escalations_casefact "
            "FOR EACH ROW EXECUTE FUNCTION escalations_fact_fits()",
            "DROP TRIGGER fact_fits ON escalations_casefact",
        ),
    ]
