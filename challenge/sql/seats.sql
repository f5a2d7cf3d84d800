-- The seats' promises: never beyond the capacity, closed is closed, one running cohort per person. docs/seats.md explains
-- the locking rules.

-- A seat repeats its cohort's capacity, so that a CHECK on the seat alone can compare its number with it.
ALTER TABLE challenge_seat ADD CONSTRAINT seat_repeats_the_capacity
    FOREIGN KEY (cohort_id, capacity) REFERENCES challenge_cohort (id, capacity);

-- A confirmed seat binds its runner from the day of confirmation to the Monday after the cohort's last week. Days end
-- with the last zone on earth, Etc/GMT+12.
ALTER TABLE challenge_seat ADD CONSTRAINT seat_one_running_cohort EXCLUDE USING gist (
    user_id WITH =,
    daterange(least((confirmed_at AT TIME ZONE 'Etc/GMT+12')::date, over_on), over_on) WITH &&
) WHERE (state = 'confirmed');

CREATE FUNCTION challenge_seat_insert() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER seat_insert BEFORE INSERT ON challenge_seat
    FOR EACH ROW EXECUTE FUNCTION challenge_seat_insert();

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
    IF OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at THEN
        PERFORM challenge_refuse('seat_confirmed_once', 'When a seat was confirmed is written once.');
    END IF;
    IF NEW.over_on IS DISTINCT FROM OLD.over_on THEN
        SELECT starts_on + 7 * weeks INTO NEW.over_on FROM challenge_cohort WHERE id = NEW.cohort_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seat_guard BEFORE UPDATE OR DELETE ON challenge_seat
    FOR EACH ROW EXECUTE FUNCTION challenge_seat_guard();

-- Confirming the last free seat closes the cohort.
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
