import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0002_course_skill_states'),
    ]

    operations = [
        migrations.CreateModel(
            name='SubsidyListing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_listed', models.BooleanField(verbose_name='listed')),
                ('listed_from', models.DateField(blank=True, null=True, verbose_name='listed from')),
                ('listed_to', models.DateField(blank=True, null=True, verbose_name='listed until')),
                ('source_url', models.URLField(blank=True, max_length=500, verbose_name='source')),
                ('as_of', models.DateField(blank=True, null=True, verbose_name='facts as of')),
            ],
            options={
                'verbose_name': 'listing for a subsidy',
                'verbose_name_plural': 'listings for subsidies',
                'ordering': ['course', 'scheme'],
            },
        ),
        migrations.CreateModel(
            name='SubsidyRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(blank=True, help_text='Empty when not known.', null=True, verbose_name='for courses that start from')),
                ('valid_to', models.DateField(blank=True, help_text='Empty while it holds.', null=True, verbose_name='for courses that start until')),
                ('ceiling_cents', models.BigIntegerField(verbose_name='most a person can get, in Hong Kong cents')),
                ('min_age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='least age at the start')),
                ('min_attendance_percent', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='least attendance in percent')),
                ('min_mark_percent', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='least mark in percent')),
                ('claim_within_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months to claim in after the course')),
                ('needs_residence', models.BooleanField(default=False, verbose_name='asks for residence in Hong Kong')),
                ('max_claims', models.PositiveSmallIntegerField(blank=True, help_text='Empty when there is no limit.', null=True, verbose_name='most claims of a person')),
                ('source_url', models.URLField(max_length=500, verbose_name='source')),
                ('as_of', models.DateField(verbose_name='facts as of')),
            ],
            options={
                'verbose_name': 'subsidy rule',
                'verbose_name_plural': 'subsidy rules',
                'ordering': ['scheme', models.OrderBy(models.F('valid_from'), nulls_first=True)],
            },
        ),
        migrations.CreateModel(
            name='SubsidyScheme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_en', models.CharField(max_length=200, verbose_name='name in English')),
                ('name_zh_hant', models.CharField(blank=True, max_length=200, verbose_name='name in Traditional Chinese')),
                ('name_zh_hans', models.CharField(blank=True, max_length=200, verbose_name='name in Simplified Chinese')),
                ('slug', models.SlugField(max_length=120, unique=True, verbose_name='slug')),
                ('url', models.URLField(blank=True, max_length=500, verbose_name='address')),
                ('run_by', models.CharField(blank=True, max_length=200, verbose_name='run by')),
            ],
            options={
                'verbose_name': 'subsidy scheme',
                'verbose_name_plural': 'subsidy schemes',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='SubsidyTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('percent', models.PositiveSmallIntegerField(verbose_name='percent of the fee')),
                ('up_to_cents', models.BigIntegerField(verbose_name='up to this subsidy, in Hong Kong cents')),
            ],
            options={
                'verbose_name': 'tier',
                'verbose_name_plural': 'tiers',
                'ordering': ['rule', 'position'],
            },
        ),
        migrations.AddField(
            model_name='offering',
            name='fee_cents',
            field=models.BigIntegerField(blank=True, help_text='Empty when it is the fee of the course.', null=True, verbose_name='fee in Hong Kong cents'),
        ),
        migrations.AddConstraint(
            model_name='offering',
            constraint=models.CheckConstraint(condition=models.Q(('fee_cents__isnull', True), ('fee_cents__gte', 0), _connector='OR'), name='offering_fee_not_negative'),
        ),
        migrations.AddField(
            model_name='subsidylisting',
            name='course',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subsidy_listings', to='catalogue.course', verbose_name='course'),
        ),
        migrations.AddField(
            model_name='subsidyrule',
            name='scheme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='catalogue.subsidyscheme', verbose_name='subsidy scheme'),
        ),
        migrations.AddField(
            model_name='subsidylisting',
            name='scheme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.subsidyscheme', verbose_name='subsidy scheme'),
        ),
        migrations.AddField(
            model_name='subsidytier',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='catalogue.subsidyrule', verbose_name='subsidy rule'),
        ),
        migrations.AddConstraint(
            model_name='subsidyrule',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_from__lte', models.F('valid_to')), _connector='OR'), name='subsidy_rule_dates_in_order', violation_error_message='A rule must not end before it begins.'),
        ),
        migrations.AddConstraint(
            model_name='subsidyrule',
            constraint=models.CheckConstraint(condition=models.Q(('ceiling_cents__gt', 0)), name='subsidy_rule_ceiling_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='subsidyrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('min_attendance_percent__isnull', True), ('min_attendance_percent__lte', 100), _connector='OR'), models.Q(('min_mark_percent__isnull', True), ('min_mark_percent__lte', 100), _connector='OR')), name='subsidy_rule_percents_within_100', violation_error_message='Attendance and mark are at most 100 per cent.'),
        ),
        migrations.AddConstraint(
            model_name='subsidyrule',
            constraint=models.UniqueConstraint(fields=('scheme', 'valid_from'), name='subsidy_rule_begins_once'),
        ),
        migrations.AddConstraint(
            model_name='subsidyrule',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_from__isnull', True)), fields=('scheme',), name='subsidy_rule_one_first'),
        ),
        migrations.AddConstraint(
            model_name='subsidylisting',
            constraint=models.UniqueConstraint(fields=('course', 'scheme'), name='subsidy_listing_once'),
        ),
        migrations.AddConstraint(
            model_name='subsidylisting',
            constraint=models.CheckConstraint(condition=models.Q(('is_listed', True), models.Q(('listed_from__isnull', True), ('listed_to__isnull', True)), _connector='OR'), name='subsidy_listing_dates_need_a_listing', violation_error_message='Only a course that is listed has dates of listing.'),
        ),
        migrations.AddConstraint(
            model_name='subsidylisting',
            constraint=models.CheckConstraint(condition=models.Q(('listed_from__isnull', True), ('listed_to__isnull', True), ('listed_from__lte', models.F('listed_to')), _connector='OR'), name='subsidy_listing_dates_in_order', violation_error_message='A listing must not end before it begins.'),
        ),
        migrations.AddConstraint(
            model_name='subsidytier',
            constraint=models.UniqueConstraint(fields=('rule', 'position'), name='subsidy_tier_position_once'),
        ),
        migrations.AddConstraint(
            model_name='subsidytier',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gte', 1), ('percent__lte', 100)), name='subsidy_tier_percent_in_1_100', violation_error_message='A tier pays from 1 to 100 per cent of the fee.'),
        ),
        migrations.AddConstraint(
            model_name='subsidytier',
            constraint=models.CheckConstraint(condition=models.Q(('up_to_cents__gt', 0)), name='subsidy_tier_pays_something'),
        ),
    ]
