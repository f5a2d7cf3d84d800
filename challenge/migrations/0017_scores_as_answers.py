"""Outcome scores that clinicians typed become answers from paper. The old rows stay as they are."""

from django.db import migrations

# The total was all that was stored, and the questionnaire of a total has one item.
MOVE = """
INSERT INTO challenge_questionnaireanswer
    (enrollment_id, key, code, version, week, "values", names, score, answered_on, on_paper, by_id, at)
SELECT enrollment_id, gen_random_uuid(),
       CASE instrument WHEN 'visa_a' THEN 'visa-a-total' ELSE 'other-total' END,
       1, NULL, jsonb_build_object('total', score), '{}'::jsonb, score, scored_on, true, by_id, at
FROM challenge_outcomescore ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("challenge", "0016_questionnaires")]

    operations = [migrations.RunSQL(MOVE, migrations.RunSQL.noop)]
