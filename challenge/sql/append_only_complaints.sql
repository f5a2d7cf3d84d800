-- The history of complaints, the dismissed proposals and the signed parameters of a cohort are written once.
CREATE TRIGGER complaintchange_append_only BEFORE UPDATE OR DELETE ON challenge_complaintchange
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER dismissedproposal_append_only BEFORE UPDATE OR DELETE ON challenge_dismissedproposal
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
CREATE TRIGGER cohortparameters_append_only BEFORE UPDATE OR DELETE ON challenge_cohortparameters
    FOR EACH ROW EXECUTE FUNCTION challenge_append_only();
