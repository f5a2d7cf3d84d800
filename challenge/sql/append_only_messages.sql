-- Pictures and marks of messages are written once. Only the sealed key of a picture changes, with DATA_KEY.
CREATE TRIGGER messagepicture_append_only
    BEFORE DELETE OR UPDATE OF message_id, place, content, width_px, height_px ON challenge_messagepicture
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER messagemark_append_only BEFORE UPDATE OR DELETE ON challenge_messagemark
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
