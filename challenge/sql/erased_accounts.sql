CREATE TRIGGER erasedaccount_append_only BEFORE UPDATE OR DELETE ON challenge_erasedaccount
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
