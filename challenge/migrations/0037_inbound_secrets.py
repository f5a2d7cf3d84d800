from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("challenge", "0036_session_digests")]

    operations = [
        migrations.AddField(
            model_name="inboundaddress",
            name="sealed_secret",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
