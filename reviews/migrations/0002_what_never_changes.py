"""What the database itself refuses: changing what was frozen or published, publishing what nobody explained, deciding alone."""

from django.db import migrations

from portal.audit.triggers import append_only

# A pack: what it is about stays, its numbers are frozen once, and from publication on nothing of it changes. It is published with a comment on every
# line that needs one, and acknowledged by both sides as it stands after the last comment (by the company alone where it is about the whole network).
PACKS = """
CREATE FUNCTION reviews_pack_explained(pack reviews_pack) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT 1 FROM reviews_line l WHERE l.pack_id = pack.id AND l.needs_comment
        AND NOT EXISTS (SELECT 1 FROM reviews_comment c WHERE c.line_id = l.id)
    )
$$;
CREATE FUNCTION reviews_pack_acknowledged(pack reviews_pack) RETURNS boolean LANGUAGE sql STABLE AS $$
    -- Both have read the same: a hash that both sides name, given after the last comment.
    SELECT EXISTS (
        SELECT 1 FROM reviews_acknowledgement a WHERE a.pack_id = pack.id
        AND NOT EXISTS (SELECT 1 FROM reviews_comment c WHERE c.pack_id = pack.id AND c.at > a.at)
        GROUP BY a.content_hash
        HAVING count(*) FILTER (WHERE side = 'company') > 0 AND (pack.scope = 'network' OR count(*) FILTER (WHERE side = 'partner') > 0)
    )
$$;
CREATE FUNCTION reviews_pack_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a pack is not deleted' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_stays';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'published' THEN
            RAISE EXCEPTION 'a pack is a draft first' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_draft_first';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'a published pack is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_stays';
    END IF;
    IF (NEW.kind_id, NEW.scope, NEW.site_id, NEW.partner_id, NEW.first_day, NEW.last_day, NEW.revision)
        IS DISTINCT FROM (OLD.kind_id, OLD.scope, OLD.site_id, OLD.partner_id, OLD.first_day, OLD.last_day, OLD.revision) THEN
        RAISE EXCEPTION 'what a pack is about is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_about_stays';
    END IF;
    IF OLD.state <> 'waiting' AND (NEW.state = 'waiting' OR (NEW.data, NEW.missing, NEW.frozen_at) IS DISTINCT FROM (OLD.data, OLD.missing, OLD.frozen_at)) THEN
        RAISE EXCEPTION 'what a pack froze is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_frozen_stays';
    END IF;
    IF NEW.state = 'published' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'a pack is a draft first' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_draft_first';
        END IF;
        IF NOT reviews_pack_explained(NEW) THEN
            RAISE EXCEPTION 'an exception has no comment' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_comments';
        END IF;
        IF NOT reviews_pack_acknowledged(NEW) THEN
            RAISE EXCEPTION 'a side has not acknowledged' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_acknowledged';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pack_stays BEFORE INSERT OR UPDATE OR DELETE ON reviews_pack FOR EACH ROW EXECUTE FUNCTION reviews_pack_stays();

CREATE FUNCTION reviews_while() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One after another, and after a publication that is under way: whoever acknowledges has seen every comment.
    PERFORM 1 FROM reviews_pack WHERE id = NEW.pack_id FOR NO KEY UPDATE;
    IF (SELECT state FROM reviews_pack WHERE id = NEW.pack_id) <> TG_ARGV[0] THEN
        RAISE EXCEPTION 'a pack takes it only while it is %', TG_ARGV[0] USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[1];
    END IF;
    IF TG_TABLE_NAME = 'reviews_comment' THEN
        IF NEW.line_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reviews_line WHERE id = NEW.line_id AND pack_id = NEW.pack_id) THEN
            RAISE EXCEPTION 'the line is of another pack' USING ERRCODE = 'check_violation', CONSTRAINT = 'pack_comment_own_line';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_only BEFORE INSERT ON reviews_line FOR EACH ROW EXECUTE FUNCTION reviews_while('waiting', 'pack_frozen_stays');
CREATE TRIGGER draft_only BEFORE INSERT ON reviews_comment FOR EACH ROW EXECUTE FUNCTION reviews_while('draft', 'pack_stays');
CREATE TRIGGER draft_only BEFORE INSERT ON reviews_acknowledgement FOR EACH ROW EXECUTE FUNCTION reviews_while('draft', 'pack_stays');
"""
NO_PACKS = """
DROP TRIGGER draft_only ON reviews_acknowledgement; DROP TRIGGER draft_only ON reviews_comment; DROP TRIGGER draft_only ON reviews_line;
DROP FUNCTION reviews_while(); DROP TRIGGER pack_stays ON reviews_pack; DROP FUNCTION reviews_pack_stays();
DROP FUNCTION reviews_pack_acknowledged(reviews_pack); DROP FUNCTION reviews_pack_explained(reviews_pack);
"""

# Two sides, or who did and who verified, are two people as well as two accounts.
TWO_PEOPLE = """
CREATE FUNCTION reviews_one_person(a bigint[], b bigint[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM accounts_user x JOIN accounts_user y ON x.id = y.id OR x.person_id = y.person_id WHERE x.id = ANY(a) AND y.id = ANY(b)
    )
$$;
CREATE FUNCTION reviews_two_sides() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reviews_acknowledgement o WHERE o.pack_id = NEW.pack_id AND o.side <> NEW.side
        AND reviews_one_person(ARRAY[o.by_id, o.for_user_id], ARRAY[NEW.by_id, NEW.for_user_id])
    ) THEN
        RAISE EXCEPTION 'nobody acknowledges for both sides' USING ERRCODE = 'check_violation', CONSTRAINT = 'acknowledgement_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_sides BEFORE INSERT ON reviews_acknowledgement FOR EACH ROW EXECUTE FUNCTION reviews_two_sides();
CREATE FUNCTION reviews_action_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'verified' AND (to_jsonb(NEW) - 'version') <> (to_jsonb(OLD) - 'version') THEN
        RAISE EXCEPTION 'a verified action is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'action_stays';
    END IF;
    IF NEW.verified_by_id IS NOT NULL
        AND reviews_one_person(ARRAY[NEW.done_by_id, NEW.done_for_id, NEW.owner_id], ARRAY[NEW.verified_by_id, NEW.verified_for_id]) THEN
        RAISE EXCEPTION 'nobody verifies what they did' USING ERRCODE = 'check_violation', CONSTRAINT = 'action_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER action_stays BEFORE INSERT OR UPDATE ON reviews_action FOR EACH ROW EXECUTE FUNCTION reviews_action_stays();
"""
NO_TWO_PEOPLE = """
DROP TRIGGER action_stays ON reviews_action; DROP FUNCTION reviews_action_stays();
DROP TRIGGER two_sides ON reviews_acknowledgement; DROP FUNCTION reviews_two_sides(); DROP FUNCTION reviews_one_person(bigint[], bigint[]);
"""

# What visits are asked does not change under them; what they sent in stays.
VISITS = """
CREATE FUNCTION reviews_released_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    released boolean;
    versions bigint[];
    old_row jsonb := to_jsonb(OLD);
    new_row jsonb := to_jsonb(NEW);
BEGIN
    IF TG_TABLE_NAME = 'reviews_checklistversion' THEN
        released := OLD.released_at IS NOT NULL;
    ELSE
        versions := ARRAY[(old_row ->> 'version_id')::bigint, (new_row ->> 'version_id')::bigint];
        IF TG_TABLE_NAME = 'reviews_question' THEN
            versions := ARRAY(
                SELECT version_id FROM reviews_checklistsection WHERE id IN ((old_row ->> 'section_id')::bigint, (new_row ->> 'section_id')::bigint)
            );
        END IF;
        -- A release that is under way is waited for.
        PERFORM 1 FROM reviews_checklistversion WHERE id = ANY(versions) ORDER BY id FOR SHARE;
        SELECT bool_or(released_at IS NOT NULL) INTO released FROM reviews_checklistversion WHERE id = ANY(versions);
    END IF;
    IF released THEN
        RAISE EXCEPTION 'a checklist in use is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'checklist_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER checklist_stays BEFORE UPDATE OR DELETE ON reviews_checklistversion FOR EACH ROW EXECUTE FUNCTION reviews_released_stays();
CREATE TRIGGER checklist_stays BEFORE INSERT OR UPDATE OR DELETE ON reviews_checklistsection FOR EACH ROW EXECUTE FUNCTION reviews_released_stays();
CREATE TRIGGER checklist_stays BEFORE INSERT OR UPDATE OR DELETE ON reviews_question FOR EACH ROW EXECUTE FUNCTION reviews_released_stays();

CREATE FUNCTION reviews_visit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := to_jsonb(OLD);
    new_row jsonb := to_jsonb(NEW);
    finished boolean;
BEGIN
    IF TG_TABLE_NAME = 'reviews_visit' THEN
        finished := OLD.finished_at IS NOT NULL
            OR OLD.begun_at IS NOT NULL AND TG_OP = 'UPDATE' AND (new_row -> 'checklist_version_id') <> (old_row -> 'checklist_version_id');
    ELSE
        -- Sending in that is under way is waited for.
        PERFORM 1 FROM reviews_visit WHERE id IN ((old_row ->> 'visit_id')::bigint, (new_row ->> 'visit_id')::bigint) ORDER BY id FOR SHARE;
        SELECT bool_or(finished_at IS NOT NULL) INTO finished FROM reviews_visit
        WHERE id IN ((old_row ->> 'visit_id')::bigint, (new_row ->> 'visit_id')::bigint);
    END IF;
    IF finished THEN
        RAISE EXCEPTION 'a visit that was sent in is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER visit_stays BEFORE UPDATE OR DELETE ON reviews_visit FOR EACH ROW EXECUTE FUNCTION reviews_visit_stays();
CREATE TRIGGER visit_stays BEFORE INSERT OR UPDATE OR DELETE ON reviews_answer FOR EACH ROW EXECUTE FUNCTION reviews_visit_stays();
"""
NO_VISITS = """
DROP TRIGGER visit_stays ON reviews_answer; DROP TRIGGER visit_stays ON reviews_visit; DROP FUNCTION reviews_visit_stays();
DROP TRIGGER checklist_stays ON reviews_question; DROP TRIGGER checklist_stays ON reviews_checklistsection;
DROP TRIGGER checklist_stays ON reviews_checklistversion; DROP FUNCTION reviews_released_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial"), ("accounts", "0002_scopes")]

    operations = [
        *append_only("reviews_line"),
        *append_only("reviews_comment"),
        *append_only("reviews_acknowledgement"),
        *append_only("reviews_minutes"),
        *append_only("reviews_noterevision"),
        *append_only("reviews_answerchange"),
        *append_only("reviews_actionevent"),
        migrations.RunSQL(PACKS, NO_PACKS),
        migrations.RunSQL(TWO_PEOPLE, NO_TWO_PEOPLE),
        migrations.RunSQL(VISITS, NO_VISITS),
    ]
