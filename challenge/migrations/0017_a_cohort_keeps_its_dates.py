"""A cohort that has begun keeps its dates, and a person is a runner of one running cohort at a time.

Both hold in the database; no trigger and no constraint reads the clock. A seat repeats the Monday after its cohort's
last week (`over_on`), so that one exclusion constraint compares the seats of a person: each confirmed seat binds its
runner from the day of the confirmation to that Monday. Days end with the last zone on earth, Etc/GMT+12.
"""

from typing import Any

from django.db import migrations, models

END = """
    RETURN NEW;
END $$;
"""

COHORT_GUARD = """
CREATE OR REPLACE FUNCTION challenge_cohort_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity <> OLD.capacity THEN
        PERFORM challenge_refuse('cohort_capacity_written_once', 'A cohort''s capacity is written once.');
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        PERFORM challenge_refuse('cohort_closed_stays_closed', 'A closed cohort stays closed.');
    END IF;
    IF NEW.is_drill <> OLD.is_drill THEN
        PERFORM challenge_refuse('cohort_drill_written_once', 'A cohort is a drill from the start or never.');
    END IF;
"""
BEGUN = """
    IF OLD.begun_at IS NOT NULL AND NEW.begun_at IS DISTINCT FROM OLD.begun_at THEN
        PERFORM challenge_refuse('cohort_begun_stays_begun', 'A cohort that has begun has begun.');
    END IF;
    IF OLD.begun_at IS NOT NULL AND (NEW.starts_on, NEW.weeks) IS DISTINCT FROM (OLD.starts_on, OLD.weeks) THEN
        PERFORM challenge_refuse('cohort_begun_keeps_its_dates', 'A cohort that has begun keeps its dates.');
    END IF;
"""

# The seats follow while the dates may still change.
COHORT_DATES = """
CREATE FUNCTION challenge_cohort_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE challenge_seat SET over_on = NEW.starts_on + 7 * NEW.weeks WHERE cohort_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER cohort_dates AFTER UPDATE OF starts_on, weeks ON challenge_cohort FOR EACH ROW
    WHEN (NEW.starts_on + 7 * NEW.weeks <> OLD.starts_on + 7 * OLD.weeks)
    EXECUTE FUNCTION challenge_cohort_dates();
"""

SEAT_INSERT_BEFORE = """
CREATE OR REPLACE FUNCTION challenge_seat_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed timestamptz;
BEGIN
    SELECT closed_at INTO closed FROM challenge_cohort WHERE id = NEW.cohort_id FOR NO KEY UPDATE;
    IF closed IS NOT NULL THEN
        PERFORM challenge_refuse('seat_cohort_is_closed', 'This cohort is closed.');
    END IF;
    RETURN NEW;
END $$;
"""
# A hold is refused by the confirmed seats that are there; two holds at once are judged when they are confirmed.
SEAT_INSERT = """
CREATE OR REPLACE FUNCTION challenge_seat_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cohort challenge_cohort%ROWTYPE;
BEGIN
    SELECT * INTO cohort FROM challenge_cohort WHERE id = NEW.cohort_id FOR NO KEY UPDATE;
    IF cohort.closed_at IS NOT NULL THEN
        PERFORM challenge_refuse('seat_cohort_is_closed', 'This cohort is closed.');
    END IF;
    IF NEW.state = 'held' AND EXISTS (
        SELECT FROM challenge_seat WHERE user_id = NEW.user_id AND state = 'confirmed' AND cohort_id <> NEW.cohort_id
            AND over_on > (NEW.held_at AT TIME ZONE 'Etc/GMT+12')::date) THEN
        PERFORM challenge_refuse('seat_one_running_cohort', 'This person is a runner of a cohort that is not over.');
    END IF;
    NEW.over_on := cohort.starts_on + 7 * cohort.weeks;
    RETURN NEW;
END $$;
"""

SEAT_GUARD = """
CREATE OR REPLACE FUNCTION challenge_seat_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF (SELECT is_drill FROM challenge_cohort WHERE id = OLD.cohort_id) THEN
            RETURN OLD;
        END IF;
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
"""
# Whatever is written into `over_on`, the cohort's own date goes in.
OVER = """
    IF OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at THEN
        PERFORM challenge_refuse('seat_confirmed_once', 'When a seat was confirmed is written once.');
    END IF;
    IF NEW.over_on IS DISTINCT FROM OLD.over_on THEN
        SELECT starts_on + 7 * weeks INTO NEW.over_on FROM challenge_cohort WHERE id = NEW.cohort_id;
    END IF;
"""

FILL = """
UPDATE challenge_seat s SET over_on = c.starts_on + 7 * c.weeks FROM challenge_cohort c WHERE c.id = s.cohort_id;
"""

ONE_COHORT = """
ALTER TABLE challenge_seat ADD CONSTRAINT seat_one_running_cohort EXCLUDE USING gist (
    user_id WITH =,
    daterange(least((confirmed_at AT TIME ZONE 'Etc/GMT+12')::date, over_on), over_on) WITH &&
) WHERE (state = 'confirmed');
"""

TWICE = """
SELECT a.id, b.id FROM challenge_seat a JOIN challenge_seat b
    ON a.user_id = b.user_id AND a.id < b.id AND a.state = 'confirmed' AND b.state = 'confirmed'
WHERE greatest(a.confirmed_at, b.confirmed_at) AT TIME ZONE 'Etc/GMT+12' < least(a.over_on, b.over_on)
ORDER BY 1, 2
"""


def name_runners_of_two_cohorts(apps: Any, schema_editor: Any) -> None:
    """Stop, with a sentence, where a runner was put into a second running cohort: which one to end is the clinic's."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TWICE)
        pairs = "; ".join(f"{one} and {other}" for one, other in cursor.fetchall())
    if pairs:
        raise RuntimeError(
            f"These pairs of seats belong to one person each, who can run in one cohort at a time: {pairs}. "
            "End one seat of each pair under /admin/seats/, then migrate again. Nothing was changed."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0015_address_changes_and_the_last_owner"),
    ]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="begun_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="begun"),
        ),
        migrations.RunSQL(COHORT_GUARD + BEGUN + END, COHORT_GUARD + END),
        migrations.AddField(
            model_name="seat",
            name="over_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.RunSQL(SEAT_INSERT, SEAT_INSERT_BEFORE),
        migrations.RunSQL(SEAT_GUARD + OVER + END, SEAT_GUARD + END),
        migrations.RunSQL(COHORT_DATES, "DROP FUNCTION challenge_cohort_dates() CASCADE;"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="seat",
            name="over_on",
            field=models.DateField(editable=False),
        ),
        migrations.RunPython(name_runners_of_two_cohorts, migrations.RunPython.noop),
        migrations.RunSQL(ONE_COHORT, "ALTER TABLE challenge_seat DROP CONSTRAINT seat_one_running_cohort;"),
    ]
