"""An officer overrides a shortage: with a reason, in their own name, and the audit keeps it."""

from datetime import date

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.urls import reverse
from django.utils.timezone import localtime

from recommender.workforce.models import Demand, ShortageOverride
from tests.admin.test_forms import refusals
from tests.cast import make_cast
from tests.factories import make_graduates, make_openings, make_role, make_sector, make_supply

pytestmark = pytest.mark.django_db
ADD = reverse("admin:workforce_shortageoverride_add")
LIST = reverse("admin:workforce_shortageoverride_changelist")


@pytest.fixture
def cast(db):
    rights = ("view", "add", "change", "delete")
    return make_cast(*(f"workforce.{right}_shortageoverride" for right in rights), "workforce.view_role")


@pytest.fixture
def role():
    role = make_role("quant")
    make_openings(role, 100)
    make_supply(role, n_meeting=50)
    return role


def form(role, **changes):
    return {"role": role.pk, "sector": "", "shortage": "0.9", "reason": "Two banks froze hiring."} | changes


def page_of(override, name="change"):
    return reverse(f"admin:workforce_shortageoverride_{name}", args=[override.pk])


def test_who_overrode_what_when_and_why_is_kept(cast, role):
    officer = cast["officer"]
    assert officer.post(ADD, form(role)).status_code == 302
    override = ShortageOverride.objects.get()
    assert (override.shortage, override.made_by) == (0.9, officer.user)
    assert officer.post(page_of(override), form(role, shortage="0.4", reason="They hire.")).status_code == 302
    assert officer.post(page_of(override, "delete"), {"post": "yes"}).status_code == 302
    added, changed, deleted = LogEntry.objects.order_by("pk")
    assert {entry.user for entry in (added, changed, deleted)} == {officer.user}
    assert [entry.action_flag for entry in (added, changed, deleted)] == [ADDITION, CHANGE, DELETION]
    assert added.get_change_message() == (
        "Shortage computed: 0.50, overridden: 0.90. Reason: Two banks froze hiring."
    )
    assert changed.get_change_message() == "Shortage overridden: 0.40, before: 0.90. Reason: They hire."
    assert deleted.get_change_message() == "Shortage no longer overridden: 0.40. Its reason was: They hire."


def test_deleting_several_keeps_the_reason_of_each(cast, role):
    for sector in (make_sector(), make_sector()):
        ShortageOverride.objects.create(role=role, sector=sector, shortage=0.5, reason=sector.slug)
    chosen = list(ShortageOverride.objects.values_list("pk", flat=True))
    data = {"action": "delete_selected", "post": "yes", "_selected_action": chosen}
    cast["officer"].post(LIST, data)
    assert not ShortageOverride.objects.exists()
    assert len({entry.get_change_message() for entry in LogEntry.objects.filter(action_flag=DELETION)}) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "This field is required."),
        ({"reason": "   "}, "This field is required."),
        ({"shortage": "1.2"}, "A shortage is a number from 0 to 1."),
        ({"shortage": ""}, "This field is required."),
    ],
)
def test_what_is_no_shortage_or_has_no_reason_is_refused(cast, role, changes, words):
    assert words in refusals(cast["officer"].post(ADD, form(role, **changes)))


def test_a_role_is_overridden_once(cast, role):
    cast["officer"].post(ADD, form(role))
    said = refusals(cast["officer"].post(ADD, form(role)))
    assert "The shortage of this role and sector is overridden already." in said


@pytest.fixture
def in_periods():
    """Openings of 2026, the latest, of 2030, projected, and of 2019, before the first count."""
    role, finance = make_role("broker"), make_sector("finance")
    make_openings(role, 100, period="2026", source_date=date(2026, 9, 1))
    make_openings(role, 200, period="2030", source_date=date(2024, 9, 1))
    make_openings(role, 30, finance, period="2030", source_date=date(2024, 9, 1))
    make_openings(role, 10, period="2019", source_date=date(2019, 9, 1), is_synthetic=True)
    make_openings(role, 1234, finance, period="2030", description="postings")
    Demand.objects.filter(description="postings").update(measure="counted_postings")
    make_supply(role, n_meeting=50)
    make_supply(role, n_meeting=7, n_expected=2, sector=finance)
    make_graduates(role, 3, finance, period="2030")
    return role


def test_an_override_of_one_period_stands_beside_what_was_computed_of_that_period(cast, in_periods):
    officer, of_2030 = cast["officer"], form(in_periods, period="2030", shortage="0.95")
    assert officer.post(ADD, of_2030).status_code == 302
    override = ShortageOverride.objects.get()
    assert override.period == "2030"
    (entry,) = LogEntry.objects.all()
    # 200 openings, less 50 learners and the 3 graduates of a sector.
    message = "Shortage computed: 0.73, overridden: 0.95. Reason: Two banks froze hiring."
    assert (entry.object_repr, entry.get_change_message()) == ("broker, 2030: 0.95", message)
    assert officer.post(ADD, form(in_periods)).status_code == 302
    assert "The shortage of this role and sector is overridden already." in refusals(
        officer.post(ADD, of_2030)
    )
    listed = officer.get(LIST).content.decode()
    for words in ("2030", "0.73", "0.50"):
        assert words in listed
    assert officer.post(page_of(override, "delete"), {"post": "yes"}).status_code == 302
    assert LogEntry.objects.latest("pk").object_repr == "broker, 2030: 0.95"


@pytest.mark.parametrize(
    ("period", "is_taken"), [("2099", False), ("2030 ", True), ("2019", True), ("", True), ("26", False)]
)
def test_a_period_of_which_nothing_is_loaded_is_refused(cast, in_periods, period, is_taken):
    answer = cast["officer"].post(ADD, form(in_periods, period=period))
    assert ShortageOverride.objects.exists() == is_taken
    if is_taken:
        assert answer.status_code == 302
    else:
        assert refusals(answer) == (
            f"Nothing is loaded for “broker” in “{period}”. Periods loaded for it: 2019, 2026, 2030. "
            "Name one of these, or leave it empty for the latest openings."
        )


def test_another_override_does_not_make_a_period_a_loaded_one(cast, in_periods):
    ShortageOverride.objects.create(role=in_periods, period="2099", shortage=0.5, reason="a")
    finance = in_periods.demand.exclude(sector=None).first().sector
    said = refusals(cast["officer"].post(ADD, form(in_periods, period="2099", sector=finance.pk)))
    assert said.startswith(
        "Nothing is loaded for “broker” in “2099”. Periods loaded for it: 2019, 2026, 2030."
    )


def test_a_role_of_which_nothing_is_loaded_is_overridden_without_a_period(cast):
    silent = make_role("silent")
    said = refusals(cast["officer"].post(ADD, form(silent, period="2026")))
    assert said == "Nothing is loaded for “silent”: leave it empty."
    assert cast["officer"].post(ADD, form(silent)).status_code == 302


def test_the_form_says_which_periods_are_loaded(cast, in_periods):
    officer, words = cast["officer"], "Periods loaded for “broker”: 2019, 2026, 2030."
    address = f"{ADD}?role={in_periods.pk}"
    of_role = officer.get(reverse("admin:workforce_role_change", args=[in_periods.pk]))
    assert f'href="{address}"' in of_role.content.decode()
    assert words in officer.get(address).content.decode()
    assert words in officer.post(ADD, form(in_periods, reason="")).content.decode()
    override = ShortageOverride.objects.create(role=in_periods, shortage=0.5, reason="a")
    assert words in officer.get(page_of(override)).content.decode()


@pytest.mark.parametrize("role", ["", "?role=999999999"])
def test_without_a_role_the_form_names_no_periods(cast, role):
    page = cast["officer"].get(f"{ADD}{role}").content.decode()
    assert "Periods loaded" not in page
    assert "In the words of the openings." in page


def test_the_page_of_a_role_shows_its_shortage_in_every_period_and_sector(cast, in_periods):
    page = cast["officer"].get(reverse("admin:workforce_role_change", args=[in_periods.pk]))
    assert "Shortage by period and sector" in page.content.decode()
    today, nothing, unknown = f"{localtime():%Y-%m-%d}", "none loaded", "unknown"
    past, now, later, in_finance = page.context["periods"]["rows"]
    assert past[:8] == ["2019", "All sectors", "10", unknown, unknown, unknown, nothing, unknown]
    assert past[8:] == [unknown, unknown, nothing, "yes"]
    assert now[:7] == ["2026 (latest openings)", "All sectors", "100", "50", "0", today, nothing]
    assert now[7:9] == ["50", "0.50"]
    assert later[:5] == ["2030", "All sectors", "200", "50", "0"]
    # The 7 + 2 learners are exact for officers; the public figure counts them as 5, and 3 graduates.
    assert in_finance[:7] == ["2030 (latest openings)", "finance", "30", "7", "2", today, "3"]
    assert in_finance[7:] == ["8", "0.73", "0.73", "1,234", "no"]


@pytest.mark.parametrize("part", ["anonymous", "owner", "staff"])
def test_nobody_else_sees_exact_counts(cast, in_periods, part):
    address = reverse("admin:workforce_role_change", args=[in_periods.pk])
    assert cast[part].get(address).status_code in (302, 403)


def test_the_list_shows_the_computed_figure_beside_the_stated_one(cast, role):
    ShortageOverride.objects.create(role=role, shortage=0.9, reason="a")
    ShortageOverride.objects.create(role=make_role("silent"), shortage=0.7, reason="b")
    text = cast["officer"].get(LIST).content.decode()
    for words in ("0.9", "0.50", "0.7", "unknown"):
        assert words in text


def test_the_roles_of_the_admin_show_supply_against_demand(cast, role):
    make_role("silent")
    text = cast["officer"].get(reverse("admin:workforce_role_changelist")).content.decode()
    for words in ("100", "50", "0.50", "unknown", "not counted"):
        assert words in text


@pytest.mark.parametrize("part", ["anonymous", "owner", "staff"])
def test_nobody_else_overrides(cast, role, part):
    assert cast[part].post(ADD, form(role)).status_code in (302, 403)
    assert not ShortageOverride.objects.exists()
