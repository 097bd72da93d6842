"""What the tables of this wing have in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import naming


class Named(naming.Named):
    """A configured thing with a name in one or two languages and a code; it is archived, never deleted."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        abstract = True
