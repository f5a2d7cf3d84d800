-- Answers to questionnaires and the loaded versions of questionnaires are written once.
CREATE TRIGGER questionnaireanswer_append_only BEFORE UPDATE OR DELETE ON challenge_questionnaireanswer
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER loadedquestionnaire_append_only BEFORE UPDATE OR DELETE ON challenge_loadedquestionnaire
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
