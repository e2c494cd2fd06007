import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0005_registration_moved'),
        ('learners', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='learner',
            name='born_on',
            field=models.DateField(blank=True, null=True, verbose_name='date of birth'),
        ),
        migrations.CreateModel(
            name='SubsidyClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_cents', models.BigIntegerField(verbose_name='amount paid back, in Hong Kong cents')),
                ('claimed_on', models.DateField(verbose_name='claimed on')),
                ('course', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.course', verbose_name='course')),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subsidy_claims', to='learners.learner', verbose_name='learner')),
                ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.subsidyscheme', verbose_name='subsidy scheme')),
            ],
            options={
                'verbose_name': 'claim of a subsidy',
                'verbose_name_plural': 'claims of subsidies',
                'ordering': ['learner', '-claimed_on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_cents__gt', 0)), name='subsidy_claim_is_paid', violation_error_message='A claim has an amount above zero.')],
            },
        ),
    ]
