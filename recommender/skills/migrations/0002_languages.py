"""The languages that Hong Kong's courses are taught in."""

from django.db import migrations

LANGUAGES = [
    ("en", "English", "英語", "英语"),
    ("yue", "Cantonese", "廣東話", "广东话"),
    ("cmn", "Putonghua", "普通話", "普通话"),
]


def load(apps, schema_editor):
    Language = apps.get_model("skills", "Language")
    for code, name_en, name_zh_hant, name_zh_hans in LANGUAGES:
        Language.objects.get_or_create(
            code=code,
            defaults={"name_en": name_en, "name_zh_hant": name_zh_hant, "name_zh_hans": name_zh_hans},
        )


class Migration(migrations.Migration):
    dependencies = [("skills", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
