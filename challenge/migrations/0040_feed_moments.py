from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("challenge", "0039_corrected_reports")]

    operations = [
        migrations.AddField(
            model_name="availability",
            name="feed_made_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="deskfeed",
            name="made_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
