-- Every refusal of the triggers is SQLSTATE 23514 with a constraint's name: Django raises IntegrityError, and the code
-- and its tests know which promise was hit.
CREATE FUNCTION challenge_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = rule, MESSAGE = sentence;
END $$;
