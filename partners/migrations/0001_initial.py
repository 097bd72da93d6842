import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import partners.models.people
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sla', '0001_initial'),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        django.contrib.postgres.operations.TrigramExtension(),
        migrations.CreateModel(
            name='JobRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='name in Chinese')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('code', models.CharField(max_length=16, validators=[django.core.validators.RegexValidator('\\A[A-Z0-9][A-Z0-9-]{0,15}\\Z', 'Use up to 16 capital letters, digits and hyphens.', 'code')], verbose_name='code')),
                ('leads', models.BooleanField(default=False, verbose_name='leads other people')),
            ],
            options={
                'ordering': ('name', 'id'),
                'constraints': [models.UniqueConstraint(fields=('code',), name='job_role_code_unique'), models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9-]{0,15}$')), name='job_role_code_format')],
            },
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='name in Chinese')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('code', models.CharField(max_length=16, validators=[django.core.validators.RegexValidator('\\A[A-Z0-9][A-Z0-9-]{0,15}\\Z', 'Use up to 16 capital letters, digits and hyphens.', 'code')], verbose_name='code')),
            ],
            options={
                'ordering': ('name', 'id'),
                'constraints': [models.UniqueConstraint(fields=('code',), name='partner_code_unique'), models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9-]{0,15}$')), name='partner_code_format')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('preferred_name', models.CharField(blank=True, default='', max_length=120, verbose_name='preferred name')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='email')),
                ('language', models.CharField(choices=[('en', 'English'), ('zh-hans', 'Simplified Chinese')], default='en', max_length=10, verbose_name='language')),
                ('search_text', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Concat('name', models.Value(' '), 'preferred_name', models.Value(' '), 'email', output_field=models.TextField())), output_field=models.TextField())),
                ('search_characters', models.GeneratedField(db_persist=True, expression=partners.models.people.NonAsciiCharacters(django.db.models.functions.text.Lower(django.db.models.functions.text.Concat('name', models.Value(' '), 'preferred_name', models.Value(' '), 'email', output_field=models.TextField()))), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField()))),
            ],
            options={
                'ordering': ('name', 'id'),
                'indexes': [models.Index(fields=['name', 'id'], name='person_name'), django.contrib.postgres.indexes.GinIndex(fields=['search_text'], name='person_search', opclasses=('gin_trgm_ops',)), django.contrib.postgres.indexes.GinIndex(fields=['search_characters'], name='person_search_characters')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('email', ''), _negated=True), name='person_email_unique')],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='name in Chinese')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('code', models.CharField(max_length=16, validators=[django.core.validators.RegexValidator('\\A[A-Z0-9][A-Z0-9-]{0,15}\\Z', 'Use up to 16 capital letters, digits and hyphens.', 'code')], verbose_name='code')),
                ('time_zone', models.CharField(max_length=64, verbose_name='time zone')),
                ('calendar', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.calendar', verbose_name='business calendar')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='partners.partner', verbose_name='partner')),
            ],
            options={
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='name in Chinese')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('code', models.CharField(max_length=16, validators=[django.core.validators.RegexValidator('\\A[A-Z0-9][A-Z0-9-]{0,15}\\Z', 'Use up to 16 capital letters, digits and hyphens.', 'code')], verbose_name='code')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programmes', to='partners.site', verbose_name='site')),
            ],
            options={
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=120, verbose_name='name in Chinese')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='partners.programme', verbose_name='programme')),
            ],
            options={
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='period')),
                ('kind', models.CharField(choices=[('primary', 'Primary'), ('loan', 'Loan')], default='primary', max_length=10, verbose_name='kind')),
                ('cancelled_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('job_role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='partners.jobrole', verbose_name='job role')),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_placements', to='partners.person', verbose_name='lead')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='partners.person')),
                ('programme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='partners.programme', verbose_name='programme')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='partners.site', verbose_name='site')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='partners.team', verbose_name='team')),
            ],
            options={
                'ordering': ('-period', 'id'),
            },
        ),
        migrations.CreateModel(
            name='ExternalId',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.SlugField(max_length=40, verbose_name='source')),
                ('value', models.CharField(max_length=120, verbose_name='value')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='external_ids', to='partners.person')),
            ],
            options={
                'ordering': ('source', 'value'),
                'constraints': [models.UniqueConstraint(fields=('source', 'value'), name='external_id_unique'), models.CheckConstraint(condition=models.Q(('value', ''), _negated=True), name='external_id_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Engagement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='period')),
                ('employee_number', models.CharField(blank=True, default='', max_length=40, verbose_name='employee number')),
                ('access_ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('employer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='partners.partner', verbose_name='employer')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='partners.person')),
            ],
            options={
                'ordering': ('-period', 'id'),
                'indexes': [models.Index(django.db.models.functions.text.Upper('employee_number'), name='engagement_number'), models.Index(condition=models.Q(('access_ended_at__isnull', True), ('period__upper_inf', False)), fields=['person'], name='engagement_access_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('period__isempty', False), ('period__startswith__isnull', False)), name='engagement_period_bounded'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=(('person', '='), ('period', '&&')), name='engagement_overlap'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('employee_number', ''), _negated=True), expressions=(('employer', '='), (django.db.models.functions.text.Lower('employee_number'), '='), ('period', '&&')), name='engagement_number_overlap')],
            },
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.UniqueConstraint(fields=('code',), name='site_code_unique'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9-]{0,15}$')), name='site_code_format'),
        ),
        migrations.AddConstraint(
            model_name='programme',
            constraint=models.UniqueConstraint(fields=('site', 'code'), name='programme_code_unique'),
        ),
        migrations.AddConstraint(
            model_name='programme',
            constraint=models.UniqueConstraint(fields=('id', 'site'), name='programme_site_key'),
        ),
        migrations.AddConstraint(
            model_name='programme',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9-]{0,15}$')), name='programme_code_format'),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.UniqueConstraint(models.F('programme'), django.db.models.functions.text.Lower('name'), name='team_name_unique'),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.UniqueConstraint(fields=('id', 'programme'), name='team_programme_key'),
        ),
        migrations.AddIndex(
            model_name='placement',
            index=django.contrib.postgres.indexes.GistIndex(condition=models.Q(('cancelled_at__isnull', True)), fields=['site', 'period'], name='placement_site_period'),
        ),
        migrations.AddIndex(
            model_name='placement',
            index=models.Index(condition=models.Q(('cancelled_at__isnull', True)), fields=['lead'], name='placement_lead_live'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(('period__isempty', False), ('period__startswith__isnull', False)), name='placement_period_bounded'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lead', models.F('person')), _negated=True), ('lead__isnull', True), _connector='OR'), name='placement_own_lead'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(('team__isnull', True), ('programme__isnull', False), _connector='OR'), name='placement_team_needs_programme'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['primary', 'loan'])), name='placement_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'primary'), ('cancelled_at__isnull', True)), expressions=(('person', '='), ('period', '&&')), name='placement_primary_overlap'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'loan'), ('cancelled_at__isnull', True)), expressions=(('person', '='), ('site', '='), (django.db.models.functions.comparison.Coalesce('programme_id', 0), '='), (django.db.models.functions.comparison.Coalesce('team_id', 0), '='), ('period', '&&')), name='placement_loan_overlap'),
        ),
    ]
