import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

_CJK = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
# As portal.ui.textsearch cuts texts and queries: words as they are, a run of CJK as its characters and its bigrams. A word
# list has a limit of 1 MB, which the first 30,000 characters never reach.
_WORDS = r"""
CREATE FUNCTION escalations_words(raw text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := lower(normalize(left(raw, 30000), NFKC));
    found tsvector := strip(to_tsvector('simple', regexp_replace(plain, '([^[:alnum:]]|[CJK])+', ' ', 'g')));
BEGIN
    IF plain ~ '[CJK]' THEN
        found := found || (
            WITH letters AS (
                SELECT letter, lead(letter) OVER (ORDER BY place) AS follower
                FROM unnest(string_to_array(plain, NULL)) WITH ORDINALITY AS one(letter, place)
            ), runs AS (SELECT * FROM letters WHERE letter ~ '[CJK]')
            SELECT array_to_tsvector(array_agg(DISTINCT gram)) FROM (
                SELECT letter AS gram FROM runs UNION ALL
                SELECT letter || follower FROM runs WHERE follower ~ '[CJK]'
            ) AS grams
        );
    END IF;
    RETURN found;
END $$;
""".replace("CJK", _CJK)
# No text has a word with @: it separates words. What the marks mean stands in escalations.queries.finding.
_MARKS = """
CREATE FUNCTION escalations_marks(id bigint, service bigint, site bigint, raiser bigint, state text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(array_remove(ARRAY[
        '@a' || (id >> 10), '@b' || (id >> 16), '@v' || service, '@s' || site, '@r' || raiser,
        CASE WHEN state IN ('new', 'triaged', 'in_progress', 'waiting_customer', 'waiting_third_party') THEN '@o' ELSE '@e' END
    ], NULL))
$$;
"""
_CASE = """
CREATE FUNCTION escalations_case_found() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    marks tsvector := escalations_marks(NEW.id, NEW.service_id, NEW.site_id, NEW.raised_by_id, NEW.state);
BEGIN
    IF TG_OP = 'UPDATE' AND marks <> escalations_marks(OLD.id, OLD.service_id, OLD.site_id, OLD.raised_by_id, OLD.state) THEN
        UPDATE escalations_casewords
        SET words = ts_delete(words, tsvector_to_array(escalations_marks(OLD.id, OLD.service_id, OLD.site_id, OLD.raised_by_id, OLD.state))) || marks
        WHERE case_id = NEW.id AND entry_id IS NOT NULL;
    END IF;
    INSERT INTO escalations_casewords (case_id, is_internal, words, handle)
    VALUES (NEW.id, false, coalesce(strip(NEW.search), '') || '@p' || marks, lower(NEW.customer_ref || ' ' || NEW.contact_hint))
    ON CONFLICT (case_id) WHERE entry_id IS NULL DO UPDATE SET words = excluded.words, handle = excluded.handle;
    RETURN NULL;
END $$;
CREATE TRIGGER case_found AFTER INSERT ON escalations_case FOR EACH ROW EXECUTE FUNCTION escalations_case_found();
CREATE TRIGGER case_found_again AFTER UPDATE OF search, customer_ref, contact_hint, service_id, site_id, raised_by_id, state
ON escalations_case FOR EACH ROW WHEN (
    (NEW.search, NEW.customer_ref, NEW.contact_hint, NEW.service_id, NEW.site_id, NEW.raised_by_id, NEW.state)
    IS DISTINCT FROM (OLD.search, OLD.customer_ref, OLD.contact_hint, OLD.service_id, OLD.site_id, OLD.raised_by_id, OLD.state)
) EXECUTE FUNCTION escalations_case_found();
"""
# Words that were removed leave the index in the same transaction, and no late writer brings them back.
_BODY = """
CREATE FUNCTION escalations_body_found() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.redacted_at IS NOT NULL THEN
        DELETE FROM escalations_casewords WHERE entry_id = NEW.entry_id;
    ELSE
        INSERT INTO escalations_casewords (case_id, entry_id, is_internal, words, handle)
        SELECT c.id, e.id, e.is_internal, escalations_words(NEW.text) || CASE WHEN e.is_internal THEN '' ELSE '@p' END::tsvector
            || escalations_marks(c.id, c.service_id, c.site_id, c.raised_by_id, c.state), ''
        FROM escalations_timelineentry e JOIN escalations_case c ON c.id = e.case_id WHERE e.id = NEW.entry_id
        ON CONFLICT (entry_id) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER body_found AFTER INSERT OR UPDATE ON escalations_entrybody
FOR EACH ROW EXECUTE FUNCTION escalations_body_found();
"""
_BACK = """
DROP TRIGGER body_found ON escalations_entrybody;
DROP TRIGGER case_found ON escalations_case;
DROP TRIGGER case_found_again ON escalations_case;
DROP FUNCTION escalations_body_found();
DROP FUNCTION escalations_case_found();
DROP FUNCTION escalations_marks(bigint, bigint, bigint, bigint, text);
DROP FUNCTION escalations_words(text);
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0018_channels")]

    operations = [
        migrations.CreateModel(
            name="CaseWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_internal", models.BooleanField(default=False)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("handle", models.CharField(blank=True, max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="escalations.case"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="escalations.timelineentry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    GinIndex("words", fastupdate=False, name="case_words"),
                    GinIndex(
                        condition=models.Q(("entry", None)),
                        fields=["handle"],
                        name="case_words_handle",
                        opclasses=["gin_trgm_ops"],
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("entry", None)), fields=("case",), name="case_words_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("entry", None), ("handle", ""), _connector="OR"),
                        name="case_words_handle_of_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_internal", False), models.Q(("entry", None), _negated=True), _connector="OR"
                        ),
                        name="case_words_internal_entry",
                    ),
                ],
            },
        ),
        migrations.RunSQL(_WORDS + _MARKS + _CASE + _BODY, _BACK),
    ]
