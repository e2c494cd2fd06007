from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_initial'),
        ('skills', '0002_languages'),
    ]

    operations = [
        migrations.AddField(
            model_name='courseskill',
            name='confidence',
            field=models.FloatField(blank=True, help_text='Of the proposal, above 0 and up to 1; empty where nothing was proposed.', null=True, verbose_name='confidence'),
        ),
        migrations.AddField(
            model_name='courseskill',
            name='state',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('proposed', 'Proposed'), ('vetoed', 'Vetoed')], default='confirmed', max_length=9, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='courseskill',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['confirmed', 'proposed', 'vetoed'])), name='course_skill_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='courseskill',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__isnull', True), models.Q(('confidence__gt', 0), ('confidence__lte', 1)), _connector='OR'), name='course_skill_confidence_above_0_to_1', violation_error_message='A confidence is above 0 and at most 1.'),
        ),
        migrations.AddConstraint(
            model_name='courseskill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'proposed'), _negated=True), ('confidence__isnull', False), _connector='OR'), name='course_skill_proposal_has_a_confidence', violation_error_message='A proposed skill needs a confidence.'),
        ),
    ]
