"""Every table that holds something about a person: why, for how long, and what each field says.

The public data inventory, the export and their tests all read this. Layers above add their own tables.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress, EmailConfirmation
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import Course, SubsidyScheme
from recommender.learners.models import (
    Access,
    ConsentDecision,
    Enrolment,
    Event,
    Learner,
    PathwayStep,
    Question,
    SavedPathway,
    SentDigest,
    Session,
    SkillHeld,
    SubsidyClaim,
    User,
)
from recommender.skills.models import Language, Skill
from recommender.workforce.models import Role, Sector

# What names a row of ours in a file that is to be read without our database.
CODES = {Course: "code", Language: "code", Role: "slug", Sector: "slug", Skill: "slug", SubsidyScheme: "slug"}
NUMBER = _("Its number in our database.")
WHOSE = _("Whose it is, by number.")


@dataclass(frozen=True)
class PersonalTable:
    """A table with rows about people.

    name : the name of the table in the export
    owner : the lookup that leads from a row to its account
    fields : what each field holds; of all fields of the model
    secret : fields that are never given out, because they would open the account or name somebody else
    read : rows of an account as dicts, where plain columns would not be intelligible; with `columns`, what
        each key of these holds
    """

    name: str
    model: type[models.Model]
    owner: str
    why: Promise
    kept: Promise
    fields: dict[str, Promise]
    secret: frozenset[str] = frozenset()
    read: Callable | None = None
    columns: dict[str, Promise] = field(default_factory=dict)

    @property
    def title(self):
        return self.model._meta.verbose_name_plural

    def described(self):
        """The fields in words, as (name, what it holds, whether it is in the export)."""
        meta = self.model._meta
        return [
            (meta.get_field(name).verbose_name, meaning, name not in self.secret)
            for name, meaning in self.fields.items()
        ]

    def exported(self):
        """What each key of an exported row holds."""
        if self.read:
            return self.columns
        meanings = {}
        for name, meaning in self.fields.items():
            if name not in self.secret:
                meanings[name] = meaning
                if self.model._meta.get_field(name).related_model in CODES:
                    meanings[f"{name}_name"] = _("The same in words.")
        return meanings

    def rows(self, user):
        """The rows of an account as dicts of plain values."""
        if self.read:
            return self.read(user)
        given = [self.model._meta.get_field(name) for name in self.fields if name not in self.secret]
        named = [column for column in given if column.related_model in CODES]
        found = (
            self.model._default_manager.filter(**{self.owner: user.pk})
            .select_related(*(column.name for column in named if not column.many_to_many))
            .prefetch_related(*(column.name for column in named if column.many_to_many))
            .order_by("pk")
        )
        return [self._row(row, given) for row in found]

    @staticmethod
    def _row(row, given):
        values = {}
        for column in given:
            if column.related_model not in CODES:
                # A moment or a day as ISO 8601 has it; a person by number.
                value = column.value_from_object(row)
                values[column.name] = value.isoformat() if hasattr(value, "isoformat") else value
                continue
            code = CODES[column.related_model]
            held = getattr(row, column.name)
            several = list(held.all()) if column.many_to_many else None
            if several is not None:
                values[column.name] = [getattr(one, code) for one in several]
                values[f"{column.name}_name"] = [str(one) for one in several]
            else:
                values[column.name] = held and getattr(held, code)
                values[f"{column.name}_name"] = held and str(held)
        return values


WHILE_YOU_HAVE_AN_ACCOUNT = _("Until you change or erase it, or close your account.")
WITH_THE_ACCOUNT = _("As long as your account.")

LEARNER_TABLES = (
    PersonalTable(
        "account",
        User,
        "pk",
        _("So that you, and nobody else, can sign in."),
        WITH_THE_ACCOUNT,
        {
            "id": NUMBER,
            "email": _("You sign in with it, and we write to it."),
            "password": _("In a form that cannot be read back."),
            "last_login": _("When you last signed in."),
            "date_joined": _("When you signed up."),
            "erasure_announced_at": _("When we told you that an unused account will be erased."),
            "is_active": _("Whether the account may be used."),
            "is_staff": _("Whether it may open the programme office."),
            "is_superuser": _("Whether it may do everything there."),
            "groups": _("What it may do there, by group."),
            "user_permissions": _("What it may do there, one by one."),
        },
        secret=frozenset({"password", "groups", "user_permissions"}),
    ),
    PersonalTable(
        "email_addresses",
        EmailAddress,
        "user",
        _("To know that an address is yours before we write to it unasked."),
        WITH_THE_ACCOUNT,
        {
            "id": NUMBER,
            "user": WHOSE,
            "email": _("The address."),
            "verified": _("Whether you confirmed it."),
            "primary": _("Whether we write to this one."),
        },
    ),
    PersonalTable(
        "email_confirmations",
        EmailConfirmation,
        "email_address__user",
        _("To recognise the link that confirms an address."),
        _("Three days: nothing is stored at present, because the link is signed instead."),
        {
            "id": NUMBER,
            "email_address": _("The address, by number."),
            "created": _("When it was made."),
            "sent": _("When it was sent."),
            "key": _("The secret of the link."),
        },
        secret=frozenset({"key"}),
    ),
    PersonalTable(
        "sign_ins",
        Session,
        "user",
        _("To keep you signed in on this browser, and to show messages from one page to the next."),
        _("Two weeks after you last signed in, until you sign out, or until the account ends."),
        {
            "session_key": _("The secret in your browser’s cookie."),
            "session_data": _("That you are signed in, and messages that you have not seen yet."),
            "expire_date": _("When it ends."),
            "user": WHOSE,
        },
        secret=frozenset({"session_key", "session_data"}),
    ),
    PersonalTable(
        "profile",
        Learner,
        "user",
        _("To recommend courses that lead where you want to go, and that you can follow and attend."),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "user": WHOSE,
            "source": _("Who sent a history that you claimed."),
            "external_id": _("Your number there."),
            "display_name": _("What we may call you."),
            "languages": _("Courses in other languages are left out."),
            "hours_a_week": _("Courses that need more are left out."),
            "budget_cents": _("Shown beside fees, in Hong Kong cents."),
            "born_on": _("Only for subsidies, whose rules have an age."),
            "hkqf_level": _("Courses that ask for more are left out."),
            "target_roles": _("The roles whose skills we help you to gain."),
            "sector": _("What is popular there is shown while we know little; people are counted by it."),
            "present_role": _("What it needs is suggested as skills that you may have."),
            "studies": _("Skills of the subject are suggested as skills that you may have."),
            "preferred_modes": _("Offered as a filter of your list and of the catalogue."),
            "district": _("Offered as a filter: courses in it, or online."),
            "welcome_step": _("So that you can go on with your first visit where you left it."),
            "consents_to_profiling": _("Whether your courses may be used to find what comes next."),
            "profiling_decided_at": _("When you decided that."),
            "shares_with_advisers": _("Whether an adviser who answers you sees your profile."),
            "wants_digest": _("Whether you asked for a monthly e-mail."),
            "language": _("The language in which we write to you: the one you last chose."),
            "is_synthetic": _("Whether the learner is invented, for trying the site."),
            "created_at": _("When the profile began."),
            "changed_at": _("When something that your list rests on last changed."),
        },
    ),
    PersonalTable(
        "skills_held",
        SkillHeld,
        "learner__user",
        _(
            "To see what you still need, and which courses you can enter; and to count, without names, how "
            "many people can fill each role."
        ),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "skill": _("The skill."),
            "level": _("How well you do it, from 1 to 5."),
            "evidence": _("Whether you said so or an officer confirmed it."),
        },
    ),
    PersonalTable(
        "subsidy_claims",
        SubsidyClaim,
        "learner__user",
        _("To know what is left for you to claim, and so what a course costs you."),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "scheme": _("The scheme that paid."),
            "amount_cents": _("How much, in Hong Kong cents."),
            "claimed_on": _("When you claimed it."),
            "course": _("The course, if you named one."),
        },
    ),
    PersonalTable(
        "saved_pathways",
        SavedPathway,
        "learner__user",
        _("To show you the way to a role that you decided on, and how far you are."),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "role": _("The role that it leads to."),
            "kind": _("Fastest, cheapest or most likely to be finished."),
            "coverage": _("The share of what the role needs that it reaches, in percent."),
            "created_at": _("When you saved it."),
        },
    ),
    PersonalTable(
        "pathway_steps",
        PathwayStep,
        "pathway__learner__user",
        _("To show you the courses of a saved pathway in their order."),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "pathway": _("The saved pathway, by number."),
            "position": _("The place in the order."),
            "course": _("The course."),
            "offering": _("The dated occasion that it was planned for, by number."),
            "starts_on": _("When it was to start."),
            "ends_on": _("When it was to end."),
        },
    ),
    PersonalTable(
        "enrolments",
        Enrolment,
        "learner__user",
        _(
            "To show you your learning and to recommend something else; with profiling on, to learn from it; "
            "and for the skills that courses give, in the count of how many people can fill each role."
        ),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "course": _("The course."),
            "status": _("Saved, enrolled, completed or dropped."),
            "at": _("Since when."),
            "has_certificate": _("Whether you hold a certificate, if you said so."),
            "certificate_url": _("Where it can be seen, if you said so."),
        },
    ),
    PersonalTable(
        "events",
        Event,
        "learner__user",
        _("Not to show again what you turned down; views and clicks only with profiling on."),
        WHILE_YOU_HAVE_AN_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "course": _("The course."),
            "kind": _("Viewed, clicked or dismissed."),
            "reason": _("Why you turned it down, if you said so."),
            "at": _("When."),
        },
    ),
    PersonalTable(
        "consents",
        ConsentDecision,
        "learner__user",
        _("To prove what you allowed, and when you changed your mind."),
        WITH_THE_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "purpose": _("What it was about."),
            "is_given": _("Whether you allowed it."),
            "at": _("When you decided."),
        },
    ),
    PersonalTable(
        "accesses",
        Access,
        "learner__user",
        _("So that you can see who in the programme office looked at what is yours."),
        WITH_THE_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "by": _("The account that did it. You see its role; an administrator can see whose it is."),
            "role": _("Officer or administrator."),
            "what": _("What was read or changed."),
            "at": _("When."),
        },
        secret=frozenset({"by"}),
    ),
    PersonalTable(
        "questions",
        Question,
        "learner__user",
        _("So that an adviser can answer you."),
        WITH_THE_ACCOUNT,
        {
            "id": NUMBER,
            "learner": WHOSE,
            "course": _("The course that it is about, if you named one."),
            "text": _("What you asked."),
            "asked_at": _("When you asked."),
            "answer": _("What the adviser answered."),
            "answered_at": _("When it was answered."),
            "answered_by": _("The account that answered."),
        },
        secret=frozenset({"answered_by"}),
    ),
    PersonalTable(
        "monthly_emails",
        SentDigest,
        "learner__user",
        _("So that the monthly e-mail comes once a month, not twice."),
        WITH_THE_ACCOUNT,
        {"id": NUMBER, "learner": WHOSE, "month": _("The month, by its first day.")},
    ),
)
