"""The language of a tenant."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people")]

    operations = [
        migrations.AddField(
            model_name="tenantsettings",
            name="language",
            field=models.CharField(blank=True, db_default="", max_length=8),
        )
    ]
