"""What learners type in: the catalogue's filters, the profile, a skill with its level."""

from decimal import Decimal
from itertools import groupby

from django import forms
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.districts import District
from recommender.catalogue.models import Course, CourseSkill, Mode, SubsidyScheme
from recommender.catalogue.search import in_readers_language, understood
from recommender.learners import services
from recommender.learners.models import EARLIEST_DAY, Enrolment, Learner
from recommender.portal.cv import SUFFIXES, read_text
from recommender.skills.hkqf import AWARDS
from recommender.skills.models import Discipline, Language, Level, Skill
from recommender.workforce.models import Role, RoleSkill, Sector


class MarkedSelect(forms.Select):
    """A select whose options say in which language they are, where that is not the reader's."""

    def create_option(self, name, value, label, *args, **kwargs):
        option = super().create_option(name, value, label, *args, **kwargs)
        lang = getattr(label, "lang", None)
        if lang and lang != get_language():
            option["attrs"]["lang"] = lang
        return option


class NamedChoices(forms.ModelChoiceField):
    """One of the things that have a trilingual name."""

    widget = MarkedSelect

    def label_from_instance(self, named):
        return named.name


class NamedMultipleChoices(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, named):
        return named.name


class CatalogueForm(forms.Form):
    """What the catalogue is searched for, and in which order it is shown; `Facets` has the filters."""

    SORTS = {
        "best": _("Best match"),
        "title": _("Title"),
        "fee": _("Lowest fee"),
        "hours": _("Fewest hours"),
        "level": _("Highest level"),
    }

    q = forms.CharField(label=_("Search by title, code, provider or skill"), max_length=200, required=False)
    sort = forms.ChoiceField(label=_("Sort by"), choices=SORTS, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"type": "search", "autocomplete": "off"}

    def words(self):
        return self.cleaned_data.get("q", "")

    def courses(self):
        """The active courses that match, in the order asked for; called after is_valid."""
        courses = Course.objects.active().search(self.words())
        if self.cleaned_data.get("sort") == "fee":
            courses = courses.priced(on=timezone.localdate())
        return courses.order_by(*self.order())

    def corrected(self):
        """What was typed and what it was taken for, of each word that no course has."""
        return understood(Course.objects.all(), self.words()).corrected

    def order(self):
        orders = {
            "title": [],
            "fee": [F("whole_fee").asc(nulls_last=True)],
            "hours": [F("notional_hours").asc(nulls_last=True)],
            "level": [F("hkqf_level").desc(nulls_last=True)],
        }
        first = orders.get(self.cleaned_data.get("sort"), ["distance"])
        return [*first, in_readers_language(get_language()), "pk"]


class DayField(forms.DateField):
    """A day in somebody's life up to today."""

    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)

    def validate(self, day):
        super().validate(day)
        if day and not EARLIEST_DAY <= day <= timezone.localdate():
            raise forms.ValidationError(
                _("Give a day from %(first)s to today.") % {"first": EARLIEST_DAY.isoformat()}
            )


class RolesForm(forms.Form):
    """The filter of the role explorer. A sector that is not on offer is ignored."""

    sector = NamedChoices(
        Sector.objects.all(),
        to_field_name="slug",
        label=_("Sector"),
        empty_label=_("All sectors"),
        required=False,
    )

    def takes(self, row):
        """Whether a row of the explorer belongs to the sector: by the role's own, or by its openings'."""
        sector = self.cleaned_data.get("sector")
        return sector is None or sector in {*row.sectors, *(one.sector for one in row.shown.counted.sectors)}


class RoleSearchForm(RolesForm):
    """The same with words: names of roles, and of the skills that they need most."""

    q = forms.CharField(label=_("Search the roles"), max_length=200, required=False)

    field_order = ["q", "sector"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"type": "search", "autocomplete": "off"}

    def takes(self, row):
        words = self.cleaned_data.get("q", "").casefold().split()
        return super().takes(row) and all(word in row.searched for word in words)


class SampleForm(forms.Form):
    """For which role the front page shows courses."""

    role = NamedChoices(
        Role.objects.all(), to_field_name="slug", label=_("The role you are heading for"), empty_label=None
    )


class ProfileForm(forms.ModelForm):
    """What a learner tells us; all of it optional, each with the reason why it is asked."""

    hours_a_week = forms.IntegerField(
        label=_("Hours you have a week"),
        help_text=_("So that no course asks for more time than you have."),
        min_value=1,
        max_value=168,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Give whole hours from 1 to 168.")
        ),
    )
    budget = forms.DecimalField(
        label=_("Budget for a course, in HK$"),
        help_text=_("Kept beside your goal, to compare with fees. It does not hide any course."),
        min_value=0,
        max_value=10_000_000,
        decimal_places=2,
        required=False,
    )
    hkqf_level = forms.TypedChoiceField(
        label=_("Highest qualification"),
        help_text=_("So that you are only shown courses that you can enter. The HKDSE counts as level 3."),
        choices={"": _("I would rather not say"), **AWARDS},
        coerce=int,
        empty_value=None,
        required=False,
    )
    sector = NamedChoices(
        Sector.objects.all(),
        label=_("The sector you work in, or study for"),
        help_text=_("While we know little about you, we show what is popular there."),
        empty_label=_("I would rather not say"),
        required=False,
    )
    present_role = NamedChoices(
        Role.objects.all(),
        label=_("The role you work in"),
        help_text=_("So that we can suggest skills that you may have. It changes nothing else."),
        empty_label=_("None of these, or I would rather not say"),
        required=False,
    )
    studies = forms.ChoiceField(
        label=_("What you study"),
        help_text=_("So that we can suggest skills that you may have. It changes nothing else."),
        choices={"": _("None of these, or I would rather not say"), **dict(Discipline.choices)},
        required=False,
    )
    target_roles = NamedMultipleChoices(
        Role.objects.all(),
        label=_("Roles you are heading for"),
        help_text=_("So that we can see which skills you still need."),
        required=False,
    )
    languages = NamedMultipleChoices(
        Language.objects.order_by("name_en"),
        label=_("Languages you can follow a course in"),
        help_text=_("So that you are not shown a course that you cannot follow. None chosen means any."),
        required=False,
    )

    preferred_modes = forms.MultipleChoiceField(
        label=_("Ways of teaching you prefer"),
        help_text=_(
            "Offered to you as a filter of your list and of the catalogue. They do not hide any course."
        ),
        choices=Mode.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    district = forms.ChoiceField(
        label=_("Your district"),
        help_text=_("So that you can narrow your list to courses there or online. It changes nothing else."),
        choices={"": _("I would rather not say"), **dict(District.choices)},
        required=False,
    )
    born_on = DayField(
        label=_("Date of birth"),
        help_text=_("Only to see whether a subsidy’s age limit lets you claim. It changes nothing else."),
        required=False,
    )

    class Meta:
        model = Learner
        fields = [
            "display_name",
            "target_roles",
            "sector",
            "present_role",
            "studies",
            "hkqf_level",
            "languages",
            "hours_a_week",
            "preferred_modes",
            "district",
            "born_on",
        ]
        labels = {"display_name": _("What we may call you")}
        help_texts = {"display_name": _("Shown to you only. It need not be your legal name.")}

    field_order = [
        "target_roles",
        "sector",
        "present_role",
        "studies",
        "hkqf_level",
        "languages",
        "hours_a_week",
        "budget",
        "preferred_modes",
        "district",
        "born_on",
        "display_name",
    ]

    def __init__(self, *args, only=None, **kwargs):
        """`only` names the fields that are asked for; by default all."""
        super().__init__(*args, **kwargs)
        cents = self.instance.budget_cents
        self.initial["budget"] = None if cents is None else Decimal(cents) / 100
        self.fields["display_name"].widget.attrs["autocomplete"] = "nickname"
        for name in self.fields.keys() - (only or self.fields.keys()):
            del self.fields[name]

    @transaction.atomic
    def save(self):
        if "budget" in self.fields:
            dollars = self.cleaned_data["budget"]
            self.instance.budget_cents = None if dollars is None else int(dollars * 100)
        learner = super().save()
        services.touch(learner)
        return learner


class SkillsByDiscipline(forms.models.ModelChoiceIterator):
    """Skills in groups, so that a long list can be scanned."""

    def __iter__(self):
        yield "", self.field.empty_label
        skills = sorted(self.queryset, key=self.place)
        for discipline, group in groupby(skills, key=Skill.get_discipline_display):
            yield discipline, [self.choice(skill) for skill in group]

    @staticmethod
    def place(skill):
        return skill.get_discipline_display(), skill.name.casefold()


class SkillChoice(NamedChoices):
    iterator = SkillsByDiscipline


class SubsidyClaimForm(forms.Form):
    """What a scheme paid back before."""

    scheme = NamedChoices(SubsidyScheme.objects.all(), label=_("Scheme"), empty_label=_("Choose a scheme"))
    amount = forms.DecimalField(
        label=_("Paid back to you, in HK$"), min_value=Decimal("0.01"), max_value=10_000_000, decimal_places=2
    )
    claimed_on = DayField(label=_("Claimed on"))


class LevelField(forms.TypedChoiceField):
    """How well somebody does something, from the `least` level that makes sense to say.

    is_open : whether nobody has said anything yet, so that a level has to be chosen
    """

    def __init__(self, *, least=Level.AWARE, is_open=False, **kwargs):
        levels = [(level.value, level.label) for level in Level if level >= least]
        super().__init__(
            choices=[("", _("Choose a level")), *levels] if is_open else levels,
            coerce=int,
            error_messages={"required": _("Choose a level.")},
            **kwargs,
        )


class CertificateForm(forms.Form):
    """Whether a learner holds the certificate of a course, and where it can be seen."""

    is_held = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))])
    url = forms.URLField(max_length=500, required=False, assume_scheme="https")


class CompletedOnForm(forms.Form):
    """On which day a learner completed a course."""

    day = DayField()


class HistoryForm(forms.Form):
    file = forms.FileField(label=_("File"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))


class SkillHeldForm(forms.Form):
    """A skill that some course raises or the learner's goal needs: a vocabulary may hold thousands more."""

    skill = SkillChoice(Skill.objects.none(), label=_("Skill"), empty_label=_("Choose a skill"))
    level = LevelField(label=_("How well you do it"), is_open=True)

    def __init__(self, learner, data=None):
        super().__init__(data)
        raised = CourseSkill.objects.counted().values("skill")
        needed = RoleSkill.objects.filter(role__in=learner.target_roles.all()).values("skill")
        self.fields["skill"].queryset = Skill.objects.filter(Q(pk__in=raised) | Q(pk__in=needed))


class SkillLevelsForm(forms.Form):
    """How well somebody does each of some skills; `levels`, by skill id, is what to begin with.

    A level of None has to be chosen.
    """

    def __init__(self, skills, levels, data=None):
        super().__init__(data)
        for skill in skills:
            level = levels.get(skill.pk, Level.NONE)
            self.fields[self.name_of(skill.pk)] = LevelField(
                least=Level.NONE,
                is_open=level is None,
                label=skill.name,
                initial="" if level is None else int(level),
            )

    @staticmethod
    def name_of(skill_id):
        return f"level-{skill_id}"

    @classmethod
    def asked_in(cls, data):
        """The ids of the skills that posted data speak of."""
        ids = (name.removeprefix(cls.name_of("")) for name in data if name.startswith(cls.name_of("")))
        return {int(pk) for pk in ids if pk.isdecimal() and len(pk) < 10}

    @classmethod
    def left_open_in(cls, data):
        """The ids of the skills whose level was not chosen in posted data."""
        return {pk for pk in cls.asked_in(data) if data[cls.name_of(pk)] == ""}

    def levels(self):
        """The level of each skill by id; called after is_valid."""
        return {pk: self.cleaned_data[self.name_of(pk)] for pk in self.asked_in(self.cleaned_data)}


class SkillSearchForm(forms.Form):
    q = forms.CharField(label=_("Search the skills"), max_length=200, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"type": "search", "autocomplete": "off"}


class CvForm(forms.Form):
    """A CV whose text is read once; `cleaned_data["cv"]` is that text."""

    cv = forms.FileField(
        label=_("Your CV"),
        help_text=_(
            "A plain-text or CSV file (.txt, .csv) of at most 200 KB. PDF and Word files cannot be read: "
            "copy or save their text into a .txt file first. We look for names of skills in it and show you "
            "what we found. The file is not kept, and neither is anything else that it says."
        ),
        error_messages={"required": _("Choose a .txt or .csv file of at most 200 KB.")},
        widget=forms.FileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )

    def clean_cv(self):
        return read_text(self.cleaned_data["cv"])


class EraseForm(forms.Form):
    """Asks who is about to erase their account whether they mean it, and whether it is theirs."""

    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    email = forms.CharField(
        label=_("Your e-mail address, to confirm"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        # An account that never had a password confirms with its address instead.
        del self.fields["email" if user.has_usable_password() else "password"]

    def clean_password(self):
        if not self.user.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("This is not your password. Nothing was erased."))

    def clean_email(self):
        if self.cleaned_data["email"].strip().casefold() != self.user.email.casefold():
            raise forms.ValidationError(_("This is not the address of your account. Nothing was erased."))


class CourseChoice(forms.ModelChoiceField):
    widget = MarkedSelect

    def label_from_instance(self, course):
        return course.title


class QuestionForm(forms.Form):
    """A question to an adviser, about one of the learner's courses or the one that they come from."""

    course = CourseChoice(
        Course.objects.none(),
        label=_("Is it about a course?"),
        empty_label=_("No course in particular"),
        required=False,
    )
    text = forms.CharField(
        label=_("Your question"),
        help_text=_(
            "Say what you want to decide. Leave out what nobody needs to know, such as your identity card."
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, learner, course, *args, **kwargs):
        super().__init__(*args, **kwargs)
        pk = int(course) if course and course.isdecimal() and len(course) < 10 else 0
        own = Q(pk__in=Enrolment.objects.filter(learner=learner).values("course"))
        self.fields["course"].queryset = Course.objects.published().filter(own | Q(pk=pk))
        self.initial["course"] = pk
