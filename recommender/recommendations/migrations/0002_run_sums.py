from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("recommendations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="sums",
            field=models.CharField(
                blank=True,
                help_text="File name of the sums that the next run updates.",
                max_length=80,
                verbose_name="sums",
            ),
        ),
    ]
