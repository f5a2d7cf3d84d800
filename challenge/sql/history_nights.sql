CREATE TRIGGER historynight_append_only BEFORE UPDATE OR DELETE ON challenge_historynight
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
