"""What the database keeps whatever the code does: the seat's composite key and triggers, append-only histories.

Every refusal is SQLSTATE 23514 with a constraint's name, so that Django raises IntegrityError. docs/seats.md explains.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION challenge_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = rule, MESSAGE = sentence;
END $$;
"""

SEAT_KEY = """
ALTER TABLE challenge_seat ADD CONSTRAINT seat_repeats_the_capacity
    FOREIGN KEY (cohort_id, capacity) REFERENCES challenge_cohort (id, capacity);
"""

COHORT_GUARD = """
CREATE FUNCTION challenge_cohort_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity <> OLD.capacity THEN
        PERFORM challenge_refuse('cohort_capacity_written_once', 'A cohort''s capacity is written once.');
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        PERFORM challenge_refuse('cohort_closed_stays_closed', 'A closed cohort stays closed.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cohort_guard BEFORE UPDATE ON challenge_cohort
    FOR EACH ROW EXECUTE FUNCTION challenge_cohort_guard();
"""

SEAT_INSERT = """
CREATE FUNCTION challenge_seat_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed timestamptz;
BEGIN
    SELECT closed_at INTO closed FROM challenge_cohort WHERE id = NEW.cohort_id FOR NO KEY UPDATE;
    IF closed IS NOT NULL THEN
        PERFORM challenge_refuse('seat_cohort_is_closed', 'This cohort is closed.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seat_insert BEFORE INSERT ON challenge_seat
    FOR EACH ROW EXECUTE FUNCTION challenge_seat_insert();
"""

SEAT_GUARD = """
CREATE FUNCTION challenge_seat_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM challenge_refuse('seat_is_never_deleted', 'A seat is ended, never deleted.');
    END IF;
    IF NEW.id <> OLD.id OR NEW.cohort_id <> OLD.cohort_id OR NEW.number <> OLD.number THEN
        PERFORM challenge_refuse('seat_does_not_move', 'A seat keeps its cohort and its number.');
    END IF;
    IF NEW.user_id IS DISTINCT FROM OLD.user_id AND NEW.user_id IS NOT NULL THEN
        PERFORM challenge_refuse('seat_keeps_its_person', 'A person may be erased from a seat, never replaced.');
    END IF;
    IF OLD.state = 'ended' AND (NEW.state <> 'ended' OR NEW.ended_at IS DISTINCT FROM OLD.ended_at) THEN
        PERFORM challenge_refuse('seat_ended_stays_ended', 'An ended seat stays ended.');
    END IF;
    IF OLD.state = 'confirmed' AND NEW.state = 'held' THEN
        PERFORM challenge_refuse('seat_confirmed_is_not_held_again', 'A confirmed seat is not held again.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seat_guard BEFORE UPDATE OR DELETE ON challenge_seat
    FOR EACH ROW EXECUTE FUNCTION challenge_seat_guard();
"""

SEAT_CONFIRMED = """
CREATE FUNCTION challenge_seat_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cohort challenge_cohort%ROWTYPE;
BEGIN
    IF NEW.state <> 'confirmed' OR (TG_OP = 'UPDATE' AND OLD.state = 'confirmed') THEN
        RETURN NULL;
    END IF;
    SELECT * INTO cohort FROM challenge_cohort WHERE id = NEW.cohort_id FOR NO KEY UPDATE;
    IF cohort.closed_at IS NOT NULL THEN
        PERFORM challenge_refuse('seat_cohort_is_closed', 'This cohort is closed.');
    END IF;
    IF (SELECT count(*) FROM challenge_seat WHERE cohort_id = NEW.cohort_id AND state = 'confirmed')
        >= cohort.capacity THEN
        UPDATE challenge_cohort SET closed_at = NEW.confirmed_at WHERE id = NEW.cohort_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER seat_confirmed AFTER INSERT OR UPDATE OF state ON challenge_seat
    FOR EACH ROW EXECUTE FUNCTION challenge_seat_confirmed();
"""

# Erasing a person sets `challenge.erasing` for its own transaction; nothing else may.
APPEND_ONLY = """
CREATE FUNCTION challenge_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('challenge.erasing', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    PERFORM challenge_refuse(TG_TABLE_NAME || '_append_only', 'This history is written once.');
    RETURN NULL;
END $$;
"""
HISTORIES = ("ledgerentry", "phasechange", "functiontest", "weeklytarget", "accessentry")


def append_only(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON challenge_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION challenge_append_only();"
    )


def drop_append_only(table: str) -> str:
    return f"DROP TRIGGER {table}_append_only ON challenge_{table};"


class Migration(migrations.Migration):
    dependencies = [("challenge", "0001_foundation")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION challenge_refuse(text, text);"),
        migrations.RunSQL(SEAT_KEY, "ALTER TABLE challenge_seat DROP CONSTRAINT seat_repeats_the_capacity;"),
        migrations.RunSQL(COHORT_GUARD, "DROP FUNCTION challenge_cohort_guard() CASCADE;"),
        migrations.RunSQL(SEAT_INSERT, "DROP FUNCTION challenge_seat_insert() CASCADE;"),
        migrations.RunSQL(SEAT_GUARD, "DROP FUNCTION challenge_seat_guard() CASCADE;"),
        migrations.RunSQL(SEAT_CONFIRMED, "DROP FUNCTION challenge_seat_confirmed() CASCADE;"),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION challenge_append_only();"),
        *[migrations.RunSQL(append_only(table), drop_append_only(table)) for table in HISTORIES],
    ]
