from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_continuing_education_fund")]

    operations = [
        migrations.RemoveConstraint(
            model_name='course',
            name='course_cef_dates_need_registration',
        ),
        migrations.RemoveConstraint(
            model_name='course',
            name='course_cef_dates_in_order',
        ),
        migrations.RemoveField(
            model_name='course',
            name='cef_from',
        ),
        migrations.RemoveField(
            model_name='course',
            name='cef_to',
        ),
        migrations.RemoveField(
            model_name='course',
            name='is_cef_registered',
        ),
    ]
