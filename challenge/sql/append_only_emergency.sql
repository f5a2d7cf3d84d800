-- Who opened a record from outside its team, and why: written once.
CREATE TRIGGER emergencyaccess_append_only BEFORE UPDATE OR DELETE ON challenge_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
