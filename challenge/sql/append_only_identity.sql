-- Who signed in, and who changed how: written once.
CREATE TRIGGER identityevent_append_only BEFORE UPDATE OR DELETE ON challenge_identityevent
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
