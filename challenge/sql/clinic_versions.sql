-- The history of the clinic's words is written once.
CREATE TRIGGER clinicversion_append_only BEFORE UPDATE OR DELETE ON challenge_clinicversion
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
