-- The clinic's note of a week is written once.
CREATE TRIGGER cohortnote_append_only BEFORE UPDATE OR DELETE ON challenge_cohortnote
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
