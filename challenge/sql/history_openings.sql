-- Opening the histories for erasing. The program's role may call the functions below and nothing else of this: each
-- opening leaves a row, and ends with its transaction at the latest. The owner of the tables may still set
-- `challenge.erasing`, as they may switch the triggers off; processes of an earlier version run as the owner and do so.
CREATE FUNCTION challenge_open_histories(reason text, moment timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO challenge_historyopening (why, at, xact)
        VALUES (reason, moment, pg_current_xact_id()::text::bigint)
$$;
CREATE FUNCTION challenge_close_histories() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE challenge_historyopening SET xact = NULL WHERE xact = pg_current_xact_id()::text::bigint
$$;

CREATE OR REPLACE FUNCTION challenge_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM challenge_historyopening WHERE xact = pg_current_xact_id()::text::bigint)
        OR current_setting('challenge.erasing', true) = 'on'
        AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
    THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    PERFORM challenge_refuse(TG_TABLE_NAME || '_append_only', 'This history is written once.');
    RETURN NULL;
END $$;

-- An opening may be closed and nothing else, also while it is open.
CREATE FUNCTION challenge_opening_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.xact IS NULL AND (NEW.id, NEW.why, NEW.at) = (OLD.id, OLD.why, OLD.at) THEN
        RETURN NEW;
    END IF;
    PERFORM challenge_refuse(TG_TABLE_NAME || '_append_only', 'This history is written once.');
    RETURN NULL;
END $$;
CREATE TRIGGER historyopening_append_only BEFORE UPDATE OR DELETE ON challenge_historyopening
    FOR EACH ROW EXECUTE FUNCTION challenge_opening_guard();
