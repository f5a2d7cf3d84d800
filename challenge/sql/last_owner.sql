-- There is always an active owner. The lock on the role's row makes two owners who close each other take turns.
CREATE FUNCTION challenge_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was_owner boolean;
BEGIN
    IF TG_TABLE_NAME = 'auth_group' THEN
        was_owner := EXISTS (
            SELECT 1 FROM challenge_user u JOIN challenge_user_groups m ON m.user_id = u.id
            WHERE m.group_id = OLD.id AND u.is_active AND u.is_staff
        );
    ELSIF TG_TABLE_NAME = 'challenge_user_groups' THEN
        was_owner := EXISTS (SELECT 1 FROM auth_group WHERE id = OLD.group_id AND name = 'owner')
            AND EXISTS (SELECT 1 FROM challenge_user WHERE id = OLD.user_id AND is_active AND is_staff);
    ELSE
        was_owner := EXISTS (
            SELECT 1 FROM challenge_user_groups m JOIN auth_group g ON g.id = m.group_id
            WHERE m.user_id = OLD.id AND g.name = 'owner'
        );
    END IF;
    IF NOT was_owner THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM auth_group WHERE name = 'owner' FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT 1 FROM challenge_user u
        JOIN challenge_user_groups m ON m.user_id = u.id JOIN auth_group g ON g.id = m.group_id
        WHERE g.name = 'owner' AND u.is_active AND u.is_staff
    ) THEN
        PERFORM challenge_refuse('last_owner_stays', 'The last active owner stays active and owner.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER last_owner_active AFTER UPDATE OF is_active, is_staff ON challenge_user
    FOR EACH ROW
    WHEN (old.is_active AND old.is_staff AND (NOT (new.is_active AND new.is_staff)))
    EXECUTE FUNCTION challenge_last_owner();
CREATE TRIGGER last_owner_deleted AFTER DELETE ON challenge_user
    FOR EACH ROW
    WHEN (old.is_active AND old.is_staff)
    EXECUTE FUNCTION challenge_last_owner();
CREATE TRIGGER last_owner_role AFTER DELETE OR UPDATE ON challenge_user_groups
    FOR EACH ROW EXECUTE FUNCTION challenge_last_owner();
CREATE TRIGGER last_owner_role_name AFTER UPDATE OF name ON auth_group
    FOR EACH ROW
    WHEN (((old.name)::text = 'owner'::text) AND ((new.name)::text <> 'owner'::text))
    EXECUTE FUNCTION challenge_last_owner();
