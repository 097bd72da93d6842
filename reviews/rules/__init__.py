"""Pure rules of the wing: no Django, no database."""
