-- Replaces the guard of `cohorts.sql`: until someone has held a seat, an owner may correct everything. Nothing here
-- reads the clock: `begun_at`, `closed_at` and `over_at` arrive as data.
CREATE OR REPLACE FUNCTION challenge_cohort_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity <> OLD.capacity AND (OLD.begun_at IS NOT NULL OR OLD.closed_at IS NOT NULL
            OR EXISTS (SELECT FROM challenge_seat WHERE cohort_id = OLD.id)) THEN
        PERFORM challenge_refuse('cohort_capacity_written_once',
            'A cohort''s capacity stays once someone has held a seat.');
    END IF;
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        PERFORM challenge_refuse('cohort_closed_stays_closed', 'A closed cohort stays closed.');
    END IF;
    IF OLD.begun_at IS NOT NULL AND NEW.begun_at IS DISTINCT FROM OLD.begun_at THEN
        PERFORM challenge_refuse('cohort_begun_stays_begun', 'A cohort that has begun has begun.');
    END IF;
    IF OLD.over_at IS NOT NULL AND NEW.over_at IS DISTINCT FROM OLD.over_at THEN
        PERFORM challenge_refuse('cohort_over_stays_over', 'A cohort that is over is over.');
    END IF;
    IF OLD.begun_at IS NOT NULL AND (NEW.starts_on, NEW.weeks) IS DISTINCT FROM (OLD.starts_on, OLD.weeks) THEN
        PERFORM challenge_refuse('cohort_begun_keeps_its_dates', 'A cohort that has begun keeps its dates.');
    END IF;
    RETURN NEW;
END $$;

-- Checked only where the values change: a row of an earlier release that breaks a rule can still be closed.
CREATE FUNCTION challenge_cohort_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity > 500 AND (TG_OP = 'INSERT' OR NEW.capacity <> OLD.capacity) THEN
        PERFORM challenge_refuse('cohort_capacity_at_most_500', 'A cohort has at most 500 seats.');
    END IF;
    -- Days end last in Etc/GMT+12: no zone of the clinic is refused its own Monday.
    IF (NEW.opens_at AT TIME ZONE 'Etc/GMT+12')::date > NEW.starts_on AND (TG_OP = 'INSERT'
            OR (NEW.opens_at, NEW.starts_on) IS DISTINCT FROM (OLD.opens_at, OLD.starts_on)) THEN
        PERFORM challenge_refuse('cohort_opens_before_it_starts', 'Enrollment opens before the cohort starts.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cohort_plan BEFORE INSERT OR UPDATE ON challenge_cohort
    FOR EACH ROW EXECUTE FUNCTION challenge_cohort_plan();

CREATE FUNCTION challenge_cohort_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.begun_at IS NOT NULL OR OLD.closed_at IS NOT NULL
            OR EXISTS (SELECT FROM challenge_seat WHERE cohort_id = OLD.id) THEN
        PERFORM challenge_refuse('cohort_with_a_history_stays', 'A cohort that someone joined is never deleted.');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER cohort_delete BEFORE DELETE ON challenge_cohort
    FOR EACH ROW EXECUTE FUNCTION challenge_cohort_delete();

-- While a cohort runs, someone answers its flags: an active clinician of the cohort, or the clinicians' shared address,
-- which an owner confirmed. The lock on the cohort makes two owners who each remove one of two clinicians take turns.
CREATE FUNCTION challenge_is_clinician(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM challenge_user u WHERE u.id = person AND u.is_active AND u.is_staff
            AND (u.is_superuser OR EXISTS (
                SELECT FROM challenge_user_groups m JOIN auth_group g ON g.id = m.group_id
                WHERE m.user_id = u.id AND g.name = 'clinician')))
$$;
CREATE FUNCTION challenge_last_clinician() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before jsonb := to_jsonb(OLD); was boolean := true; running bigint;
BEGIN
    IF TG_TABLE_NAME = 'challenge_user_groups' THEN
        was := EXISTS (SELECT FROM auth_group WHERE id = OLD.group_id AND name = 'clinician')
            AND EXISTS (SELECT FROM challenge_user WHERE id = OLD.user_id AND is_active AND is_staff);
    ELSIF TG_TABLE_NAME = 'challenge_cohortclinician' THEN
        was := challenge_is_clinician(OLD.user_id);
    ELSIF TG_TABLE_NAME = 'challenge_user' THEN
        was := OLD.is_superuser OR EXISTS (
            SELECT FROM challenge_user_groups m JOIN auth_group g ON g.id = m.group_id
            WHERE m.user_id = OLD.id AND g.name = 'clinician');
    END IF;
    IF NOT was THEN
        RETURN NULL;
    END IF;
    FOR running IN
        SELECT c.id FROM challenge_cohort c
        WHERE c.begun_at IS NOT NULL AND c.over_at IS NULL AND c.flags_to_clinic_at IS NULL
            AND CASE TG_TABLE_NAME
                WHEN 'challenge_cohortclinician' THEN c.id = (before->>'cohort_id')::bigint
                WHEN 'challenge_cohort' THEN c.id = (before->>'id')::bigint
                WHEN 'challenge_user' THEN EXISTS (SELECT FROM challenge_cohortclinician k
                    WHERE k.cohort_id = c.id AND k.user_id = (before->>'id')::bigint)
                WHEN 'challenge_user_groups' THEN EXISTS (SELECT FROM challenge_cohortclinician k
                    WHERE k.cohort_id = c.id AND k.user_id = (before->>'user_id')::bigint)
                ELSE EXISTS (SELECT FROM challenge_cohortclinician k WHERE k.cohort_id = c.id)
            END
        ORDER BY c.id FOR NO KEY UPDATE
    LOOP
        IF NOT EXISTS (SELECT FROM challenge_cohortclinician k
                WHERE k.cohort_id = running AND challenge_is_clinician(k.user_id)) THEN
            PERFORM challenge_refuse('last_clinician_stays',
                'A running cohort keeps a clinician, or an owner confirms the clinicians'' shared address.');
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER last_clinician_of_cohort AFTER DELETE OR UPDATE OF cohort_id, user_id ON challenge_cohortclinician
    FOR EACH ROW EXECUTE FUNCTION challenge_last_clinician();
CREATE TRIGGER last_clinician_active AFTER UPDATE OF is_active, is_staff, is_superuser ON challenge_user
    FOR EACH ROW
    WHEN (old.is_active AND old.is_staff
        AND NOT (new.is_active AND new.is_staff AND new.is_superuser = old.is_superuser))
    EXECUTE FUNCTION challenge_last_clinician();
CREATE TRIGGER last_clinician_role AFTER DELETE OR UPDATE ON challenge_user_groups
    FOR EACH ROW EXECUTE FUNCTION challenge_last_clinician();
CREATE TRIGGER last_clinician_role_name AFTER UPDATE OF name ON auth_group
    FOR EACH ROW
    WHEN (((old.name)::text = 'clinician'::text) AND ((new.name)::text <> 'clinician'::text))
    EXECUTE FUNCTION challenge_last_clinician();
CREATE TRIGGER last_clinician_confirmed AFTER UPDATE OF flags_to_clinic_at ON challenge_cohort
    FOR EACH ROW
    WHEN (old.flags_to_clinic_at IS NOT NULL AND new.flags_to_clinic_at IS NULL)
    EXECUTE FUNCTION challenge_last_clinician();
