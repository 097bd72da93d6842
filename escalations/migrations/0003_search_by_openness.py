from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import Q

_OPEN = Q(state__in=("new", "triaged", "in_progress", "waiting_customer", "waiting_third_party"))


class Migration(migrations.Migration):
    dependencies = [("escalations", "0002_append_only")]

    operations = [
        migrations.AddIndex("case", GinIndex("search", condition=_OPEN, fastupdate=False, name="case_search_open")),
        migrations.AddIndex("case", GinIndex("search", condition=~_OPEN, fastupdate=False, name="case_search_ended")),
        migrations.RemoveIndex("case", "case_search"),
    ]
