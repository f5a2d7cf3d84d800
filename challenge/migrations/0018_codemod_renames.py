from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("challenge", "0017_a_cohort_keeps_its_dates")]
    operations = [
        migrations.RenameModel("HandSet", "ClinicianOverride"),
        migrations.RenameModel("StrikeSpell", "HeelStrikePeriod"),
        migrations.RenameModel("ComingChange", "PlannedCadence"),
        migrations.RenameModel("NothingThisWeek", "RestWeek"),
        migrations.RenameField("user", "uses_kilometres", "uses_kilometers"),
    ]
