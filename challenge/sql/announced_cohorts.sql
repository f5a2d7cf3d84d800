-- A cohort is announced once, before it starts, and its start is never moved before that day. The moment is data.
CREATE FUNCTION challenge_cohort_announced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.announced_at IS NOT NULL AND NEW.announced_at IS DISTINCT FROM OLD.announced_at THEN
        PERFORM challenge_refuse('cohort_announced_stays_announced', 'An announced cohort stays announced.');
    END IF;
    -- Days end last in Etc/GMT+12: no zone of the clinic is refused its own Monday.
    IF NEW.announced_at IS NOT NULL AND (NEW.announced_at AT TIME ZONE 'Etc/GMT+12')::date > NEW.starts_on THEN
        PERFORM challenge_refuse('cohort_announced_before_it_starts', 'A cohort is announced before it starts.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cohort_announced BEFORE INSERT OR UPDATE ON challenge_cohort
    FOR EACH ROW EXECUTE FUNCTION challenge_cohort_announced();
