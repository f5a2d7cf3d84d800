"""A runner's form is one message. No row has a key yet, and a process of the version before writes none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenge", "0031_messages"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__isnull", False)),
                fields=("enrollment", "key"),
                name="message_once_per_form",
            ),
        ),
    ]
