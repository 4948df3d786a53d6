import django.db.models.deletion
from django.db import migrations, models

import common.ids
from common.rls import RowLevelSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
        ("sharing", "0002_patients"),
    ]

    operations = [
        migrations.CreateModel(
            name="ThirdPartyConsent",
            fields=[
                ("id", models.UUIDField(default=common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("signed_date", models.DateField()),
                ("kept_where", models.CharField(max_length=200)),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="sharing.sharelink",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "link"), name="sharing_consent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kept_where", ""), _negated=True), name="sharing_consent_is_kept"
                    ),
                ],
            },
        ),
        RowLevelSecurity("sharing_thirdpartyconsent"),
    ]
