"""Store phone numbers in E.164. Rows that hold no readable number keep their text."""

from typing import Any

from django.db import migrations

from challenge.accounts.fields import NotAPhone, read_phone

BATCH = 1000


def store_in_e164(apps: Any, schema_editor: Any) -> None:
    for name in ("User", "Booking"):
        model = apps.get_model("challenge", name)
        changed = []
        for row in model._default_manager.exclude(phone="").only("phone").iterator(BATCH):
            try:
                stored = read_phone(row.phone)
            except NotAPhone:
                continue
            if stored != row.phone:
                row.phone = stored
                changed.append(row)
        model._default_manager.bulk_update(changed, ["phone"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("challenge", "0008_import_sources")]

    operations = [migrations.RunPython(store_in_e164, migrations.RunPython.noop, elidable=True)]
