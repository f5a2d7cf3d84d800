-- Histories cannot be rewritten. Erasing a person sets `challenge.erasing` for its own transaction; nothing else may.
CREATE FUNCTION challenge_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('challenge.erasing', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    PERFORM challenge_refuse(TG_TABLE_NAME || '_append_only', 'This history is written once.');
    RETURN NULL;
END $$;

CREATE TRIGGER accessentry_append_only BEFORE UPDATE OR DELETE ON challenge_accessentry
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER callevent_append_only BEFORE UPDATE OR DELETE ON challenge_callevent
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON challenge_consent
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER contact_append_only BEFORE UPDATE OR DELETE ON challenge_contact
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER endfeedback_append_only BEFORE UPDATE OR DELETE ON challenge_endfeedback
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER entryrevision_append_only BEFORE UPDATE OR DELETE ON challenge_entryrevision
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER functiontest_append_only BEFORE UPDATE OR DELETE ON challenge_functiontest
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER ledgerentry_append_only BEFORE UPDATE OR DELETE ON challenge_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER message_append_only BEFORE UPDATE OR DELETE ON challenge_message
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER note_append_only BEFORE UPDATE OR DELETE ON challenge_note
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER outcomescore_append_only BEFORE UPDATE OR DELETE ON challenge_outcomescore
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER phasechange_append_only BEFORE UPDATE OR DELETE ON challenge_phasechange
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER weekfeedback_append_only BEFORE UPDATE OR DELETE ON challenge_weekfeedback
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER weeklytarget_append_only BEFORE UPDATE OR DELETE ON challenge_weeklytarget
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
