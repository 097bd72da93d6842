"""Daily sums carry the indexes that reads begin with and no others: each sum that is made again paid for nine."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0006_agreements_stay"),
        ("partners", "0006_queues"),
    ]

    operations = [
        migrations.AlterField(
            model_name="agentday",
            name="lead",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.person",
            ),
        ),
        migrations.AlterField(
            model_name="agentday",
            name="person",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.person"
            ),
        ),
        migrations.AlterField(
            model_name="agentday",
            name="programme",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.programme",
            ),
        ),
        migrations.AlterField(
            model_name="agentday",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
            ),
        ),
        migrations.AlterField(
            model_name="agentday",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.team",
            ),
        ),
        migrations.AlterField(
            model_name="queueday",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.queue",
            ),
        ),
        migrations.AlterField(
            model_name="queueday",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
            ),
        ),
    ]
