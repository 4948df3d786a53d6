from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("pacs", "0003_worklist"),
    ]

    operations = [
        migrations.AddField(
            model_name="series",
            name="half_blob_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="series",
            name="scene",
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name="series",
            index=models.Index(
                condition=Q(
                    ("prepared_instances__lt", F("number_of_instances")),
                    ("scene", None),
                    ("metadata_blob_id", None),
                    _connector="OR",
                ),
                fields=["tenant", "study"],
                name="pacs_series_behind",
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                fields=["tenant", "referring_physician_name", "-study_date", "-id"], name="pacs_study_physician_date"
            ),
        ),
    ]
