"""Append-only tables: the database itself refuses to change or remove a row, to the owner as well."""

from django.db import migrations

# One function for all tables; creating it again is harmless, so a migration needs no other to run first.
_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$
"""


def append_only(table: str) -> list[migrations.RunSQL]:
    """Operations that make the database refuse UPDATE, DELETE and TRUNCATE of this table, for every role.

    Row triggers reach the partitions of a partitioned table; TRUNCATE of a partition by its own name
    needs a call for that partition. `table` is a name from the code, never from a user.
    """
    return [
        migrations.RunSQL(_FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(
            f'CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f'DROP TRIGGER refuse_row_change ON "{table}"',
        ),
        migrations.RunSQL(
            f'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
            f'DROP TRIGGER refuse_truncate ON "{table}"',
        ),
    ]
