from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0014_who_cancelled_in_plain_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="handset",
            name="what",
            field=models.CharField(
                choices=[
                    ("cadence", "cadence"),
                    ("dose", "dose"),
                    ("approval", "approved exercise"),
                    ("long_run", "long run that counts"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="weeklytarget",
            name="because",
            field=models.CharField(
                choices=[
                    ("monday", "the week began"),
                    ("joined", "joined in the first week"),
                    ("stop", "a stop flag"),
                    ("pause", "a pause"),
                    ("phase", "a phase decision"),
                    ("by_hand", "a value set by hand"),
                    ("closed_stop", "a stop flag was closed"),
                    ("joint", "pain at a joint"),
                ],
                max_length=12,
            ),
        ),
    ]
