"""The pages of the first visit: what each one asks, checks and saves."""

from recommender.learners.models import Learner
from recommender.portal.forms import ProfileForm, RoleSearchForm
from recommender.portal.role_choice import choices_of
from recommender.portal.skill_choice import SkillsPage

Step = Learner.WelcomeStep


class ProfilePage:
    """Some fields of the profile.

    A page is made from the POSTed data and files, or None for who only looks. `forms` are all those on it,
    for the summary of errors; `save` is called after `is_complete`.
    """

    template = "portal/welcome_profile.html"
    fields = ()

    def __init__(self, learner, data, files):
        self.form = ProfileForm(data, instance=learner, only=self.fields)
        self.forms = [self.form]

    def is_complete(self):
        return self.form.is_valid()

    def save(self):
        self.form.save()


class WherePage(ProfilePage):
    fields = ("sector", "present_role", "studies", "hkqf_level")


class FitPage(ProfilePage):
    fields = ("languages", "hours_a_week", "budget", "preferred_modes", "district")


class RolesPage(ProfilePage):
    """Target roles, found by name, skill or sector; what is ticked already stays in sight."""

    template = "portal/welcome_roles.html"
    fields = ("target_roles",)

    def __init__(self, learner, data, files):
        super().__init__(learner, data, files)
        self.is_search = data is not None and data.get("do") == "show"
        self.search = RoleSearchForm(data if self.is_search else {})
        self.search.is_valid()

    def is_complete(self):
        return not self.is_search and super().is_complete()

    @property
    def choices(self):
        return choices_of(self.form["target_roles"], self.search, self.form.instance.sector_id)


PAGES = {
    Step.WHERE_I_AM: WherePage,
    Step.WHERE_I_WANT_TO_GO: RolesPage,
    Step.WHAT_I_CAN_DO: SkillsPage,
    Step.WHAT_FITS_ME: FitPage,
}
