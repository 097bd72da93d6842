"""Playbooks, their versions, and what cases follow; and what the database itself refuses of them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.audit.triggers import append_only


# A version that was published stays, with its steps: cases follow it.
_PUBLISHED = """
CREATE FUNCTION escalations_playbook_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := to_jsonb(OLD);
    new_row jsonb := to_jsonb(NEW);
    published boolean;
    versions bigint[];
BEGIN
    IF TG_TABLE_NAME = 'escalations_playbookversion' THEN
        published := OLD.published_at IS NOT NULL;
    ELSE
        versions := ARRAY[(old_row ->> 'version_id')::bigint, (new_row ->> 'version_id')::bigint];
        -- A publication that is under way is waited for.
        PERFORM 1 FROM escalations_playbookversion WHERE id = ANY(versions) ORDER BY id FOR SHARE;
        SELECT bool_or(published_at IS NOT NULL) INTO published FROM escalations_playbookversion WHERE id = ANY(versions);
    END IF;
    IF published THEN
        RAISE EXCEPTION 'a published version of a playbook is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'playbook_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER playbook_stays BEFORE UPDATE OR DELETE ON escalations_playbookversion
    FOR EACH ROW EXECUTE FUNCTION escalations_playbook_stays();
CREATE TRIGGER playbook_stays BEFORE INSERT OR UPDATE OR DELETE ON escalations_playbookstep
    FOR EACH ROW EXECUTE FUNCTION escalations_playbook_stays();
"""
_NOT_PUBLISHED = """
DROP TRIGGER playbook_stays ON escalations_playbookstep; DROP TRIGGER playbook_stays ON escalations_playbookversion;
DROP FUNCTION escalations_playbook_stays();
"""

# A case follows published versions alone, and what is said of a step fits the step and what was said before.
_FOLLOWED = """
CREATE FUNCTION escalations_follows_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version_id IS NOT NULL AND (SELECT published_at FROM escalations_playbookversion WHERE id = NEW.version_id) IS NULL THEN
        RAISE EXCEPTION 'a case follows published versions' USING ERRCODE = 'check_violation', CONSTRAINT = 'case_playbook_published';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER follows_published BEFORE INSERT ON escalations_caseplaybook
    FOR EACH ROW EXECUTE FUNCTION escalations_follows_published();

CREATE FUNCTION escalations_step_event_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step escalations_playbookstep;
    run escalations_caseplaybook;
    before text;
BEGIN
    SELECT * INTO step FROM escalations_playbookstep WHERE id = NEW.step_id;
    SELECT * INTO run FROM escalations_caseplaybook WHERE id = NEW.followed_id;
    SELECT what INTO before FROM escalations_stepevent
        WHERE followed_id = NEW.followed_id AND step_id = NEW.step_id AND number = NEW.number - 1;
    IF step.version_id IS DISTINCT FROM run.version_id THEN
        RAISE EXCEPTION 'the step is of another version' USING ERRCODE = 'check_violation', CONSTRAINT = 'step_event_own_step';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM escalations_timelineentry e WHERE e.id = NEW.entry_id AND e.case_id = run.case_id AND e.kind = 'step') THEN
        RAISE EXCEPTION 'the entry is of another case or kind' USING ERRCODE = 'check_violation', CONSTRAINT = 'step_event_own_entry';
    END IF;
    IF NEW.number > 1 AND before IS NULL
        OR (NEW.what = 'undone') <> (COALESCE(before, 'undone') <> 'undone') THEN
        RAISE EXCEPTION 'a step is settled, then opened again, in turn' USING ERRCODE = 'check_violation', CONSTRAINT = 'step_event_in_turn';
    END IF;
    IF NEW.what = 'skipped' AND step.required THEN
        RAISE EXCEPTION 'a required step is not skipped' USING ERRCODE = 'check_violation', CONSTRAINT = 'step_event_not_skipped';
    END IF;
    IF NEW.what = 'done' AND NOT (
        CASE WHEN step.answers = '[]'::jsonb THEN NEW.answer = ''
        ELSE EXISTS (SELECT 1 FROM jsonb_array_elements(step.answers) a WHERE a ->> 'key' = NEW.answer) END
    ) THEN
        RAISE EXCEPTION 'the step does not know this answer' USING ERRCODE = 'check_violation', CONSTRAINT = 'step_event_answer_known';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_event_fits BEFORE INSERT ON escalations_stepevent
    FOR EACH ROW EXECUTE FUNCTION escalations_step_event_fits();
"""
_NOT_FOLLOWED = """
DROP TRIGGER step_event_fits ON escalations_stepevent; DROP FUNCTION escalations_step_event_fits();
DROP TRIGGER follows_published ON escalations_caseplaybook; DROP FUNCTION escalations_follows_published();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('escalations', '0005_facts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CasePlaybook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('cycle', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Playbook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='name in Chinese')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('severity', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'S1'), (2, 'S2'), (3, 'S3'), (4, 'S4')], null=True, verbose_name='severity')),
            ],
            options={
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='PlaybookStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('title', models.CharField(max_length=200, verbose_name='step')),
                ('title_zh', models.CharField(blank=True, default='', max_length=200, verbose_name='step in Chinese')),
                ('guidance', models.TextField(blank=True, default='', max_length=4000, verbose_name='guidance')),
                ('guidance_zh', models.TextField(blank=True, default='', max_length=4000, verbose_name='guidance in Chinese')),
                ('required', models.BooleanField(default=True, verbose_name='required')),
                ('evidence', models.CharField(choices=[('none', 'Nothing'), ('text', 'A few words'), ('file', 'A file')], default='none', max_length=4, verbose_name='evidence')),
                ('answers', models.JSONField(blank=True, default=list)),
                ('only_if_step', models.SlugField(blank=True, default='', max_length=40)),
                ('only_if_answer', models.SlugField(blank=True, default='', max_length=40)),
            ],
            options={
                'ordering': ('version', 'position', 'id'),
            },
        ),
        migrations.CreateModel(
            name='PlaybookVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('playbook', '-number'),
            },
        ),
        migrations.CreateModel(
            name='StepEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('what', models.CharField(choices=[('done', 'Done'), ('undone', 'Open again'), ('skipped', 'Skipped')], max_length=7)),
                ('answer', models.SlugField(blank=True, db_index=False, default='', max_length=40)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='timelineentry',
            name='entry_kind_known',
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='kind',
            field=models.CharField(choices=[('opened', 'Opened'), ('note', 'Note'), ('contact', 'Contact'), ('state', 'State'), ('severity', 'Severity'), ('assignment', 'Assignment'), ('service', 'Service'), ('sensitivity', 'Sensitivity'), ('grant', 'Access'), ('details', 'Details'), ('clock', 'Clock'), ('escalation', 'Escalation'), ('link', 'Link'), ('step', 'Playbook'), ('fact', 'Known fact'), ('imported', 'Imported event')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opened', 'note', 'contact', 'state', 'severity', 'assignment', 'service', 'sensitivity', 'grant', 'details', 'clock', 'escalation', 'link', 'step', 'fact', 'imported'])), name='entry_kind_known'),
        ),
        migrations.AddField(
            model_name='caseplaybook',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='playbooks', to='escalations.case'),
        ),
        migrations.AddField(
            model_name='playbook',
            name='issue_type',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalations.issuetype'),
        ),
        migrations.AddField(
            model_name='playbook',
            name='service',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='playbooks', to='escalations.service'),
        ),
        migrations.AddField(
            model_name='playbookversion',
            name='made_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='playbookversion',
            name='playbook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='escalations.playbook'),
        ),
        migrations.AddField(
            model_name='playbookstep',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='escalations.playbookversion'),
        ),
        migrations.AddField(
            model_name='caseplaybook',
            name='version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalations.playbookversion'),
        ),
        migrations.AddField(
            model_name='stepevent',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='step_event', to='escalations.timelineentry'),
        ),
        migrations.AddField(
            model_name='stepevent',
            name='followed',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='escalations.caseplaybook'),
        ),
        migrations.AddField(
            model_name='stepevent',
            name='step',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalations.playbookstep'),
        ),
        migrations.AddConstraint(
            model_name='playbook',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('service', 'issue_type', 'severity'), name='playbook_one_for_a_matter', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='playbook',
            constraint=models.CheckConstraint(condition=models.Q(('severity', None), ('severity__in', [1, 2, 3, 4]), _connector='OR'), name='playbook_severity_known'),
        ),
        migrations.AddConstraint(
            model_name='playbookversion',
            constraint=models.UniqueConstraint(fields=('playbook', 'number'), name='playbook_version_once'),
        ),
        migrations.AddConstraint(
            model_name='playbookversion',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at', None)), fields=('playbook',), name='playbook_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='playbookstep',
            constraint=models.UniqueConstraint(fields=('version', 'key'), name='playbook_step_once'),
        ),
        migrations.AddConstraint(
            model_name='playbookstep',
            constraint=models.CheckConstraint(condition=models.Q(('evidence__in', ['none', 'text', 'file'])), name='playbook_evidence_known'),
        ),
        migrations.AddConstraint(
            model_name='playbookstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('only_if_answer', ''), ('only_if_step', '')), models.Q(models.Q(('only_if_step', ''), _negated=True), models.Q(('only_if_answer', ''), _negated=True)), _connector='OR'), name='playbook_branch_whole'),
        ),
        migrations.AddConstraint(
            model_name='playbookstep',
            constraint=models.CheckConstraint(condition=models.Q(('only_if_step', models.F('key')), _negated=True), name='playbook_branch_not_itself'),
        ),
        migrations.AddConstraint(
            model_name='caseplaybook',
            constraint=models.UniqueConstraint(fields=('case', 'number'), name='case_playbook_once'),
        ),
        migrations.AddConstraint(
            model_name='stepevent',
            constraint=models.UniqueConstraint(fields=('followed', 'step', 'number'), name='step_event_in_turn'),
        ),
        migrations.AddConstraint(
            model_name='stepevent',
            constraint=models.CheckConstraint(condition=models.Q(('what__in', ['done', 'undone', 'skipped'])), name='step_event_known'),
        ),
        migrations.AddConstraint(
            model_name='stepevent',
            constraint=models.CheckConstraint(condition=models.Q(('answer', ''), ('what', 'done'), _connector='OR'), name='step_event_answers_when_done'),
        ),
        migrations.AddConstraint(
            model_name='stepevent',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='step_event_counts_from_one'),
        ),
        *append_only("escalations_caseplaybook"),
        *append_only("escalations_stepevent"),
        migrations.RunSQL(_PUBLISHED, _NOT_PUBLISHED),
        migrations.RunSQL(_FOLLOWED, _NOT_FOLLOWED),
    ]
