-- A cohort's capacity is written once; closed stays closed; a cohort that has begun keeps its dates. Nothing here reads
-- the clock: `begun_at` and `closed_at` arrive as data.
CREATE FUNCTION challenge_cohort_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity <> OLD.capacity THEN
        PERFORM challenge_refuse('cohort_capacity_written_once', 'A cohort''s capacity is written once.');
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        PERFORM challenge_refuse('cohort_closed_stays_closed', 'A closed cohort stays closed.');
    END IF;
    IF OLD.begun_at IS NOT NULL AND NEW.begun_at IS DISTINCT FROM OLD.begun_at THEN
        PERFORM challenge_refuse('cohort_begun_stays_begun', 'A cohort that has begun has begun.');
    END IF;
    IF OLD.begun_at IS NOT NULL AND (NEW.starts_on, NEW.weeks) IS DISTINCT FROM (OLD.starts_on, OLD.weeks) THEN
        PERFORM challenge_refuse('cohort_begun_keeps_its_dates', 'A cohort that has begun keeps its dates.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cohort_guard BEFORE UPDATE ON challenge_cohort
    FOR EACH ROW EXECUTE FUNCTION challenge_cohort_guard();

-- While its dates may still change, its seats follow: each repeats the Monday after the last week.
CREATE FUNCTION challenge_cohort_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE challenge_seat SET over_on = NEW.starts_on + 7 * NEW.weeks WHERE cohort_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER cohort_dates AFTER UPDATE OF starts_on, weeks ON challenge_cohort
    FOR EACH ROW
    WHEN ((new.starts_on + (7 * new.weeks)) <> (old.starts_on + (7 * old.weeks)))
    EXECUTE FUNCTION challenge_cohort_dates();
