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


def text_of(client, address):
    return client.get(address).content.decode()


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


def test_an_override_of_one_period_stands_beside_what_was_computed_of_that_period(cast, role):
    make_openings(role, 200, period="2030", source_date=date(2020, 1, 1))
    officer = cast["officer"]
    assert officer.post(ADD, form(role, period="2030", shortage="0.95")).status_code == 302
    override = ShortageOverride.objects.get()
    assert override.period == "2030"
    (entry,) = LogEntry.objects.all()
    assert (entry.object_repr, entry.get_change_message()) == (
        "quant, 2030: 0.95",
        "Shortage computed: 0.75, overridden: 0.95. Reason: Two banks froze hiring.",
    )
    assert officer.post(ADD, form(role)).status_code == 302
    said = refusals(officer.post(ADD, form(role, period="2030")))
    assert "The shortage of this role and sector is overridden already." in said
    listed = text_of(officer, LIST)
    for words in ("2030", "0.75", "0.50"):
        assert words in listed
    assert officer.post(page_of(override, "delete"), {"post": "yes"}).status_code == 302
    assert LogEntry.objects.latest("pk").object_repr == "quant, 2030: 0.95"


def test_the_page_of_a_role_shows_its_shortage_in_every_period_and_sector(cast, role):
    finance = make_sector("finance")
    make_openings(role, 30, finance, period="2030", source_date=date(2020, 1, 1))
    make_supply(role, n_meeting=7, n_expected=2, sector=finance)
    make_openings(role, 10, period="2019", source_date=date(2019, 1, 1), is_synthetic=True)
    make_graduates(role, 3, finance, period="2030")
    make_openings(role, 1234, finance, period="2030", description="postings")
    Demand.objects.filter(description="postings").update(measure="counted_postings")
    page = cast["officer"].get(reverse("admin:workforce_role_change", args=[role.pk]))
    past, now, later, in_finance = page.context["periods"]["rows"]
    today = localtime().strftime("%Y-%m-%d")
    assert past == ["2019", "All sectors", "10", *["unknown"] * 3, "none loaded"] + [
        *["unknown"] * 2,
        "none loaded",
        "yes",
    ]
    assert now[:8] == [
        "2027 (latest openings)",
        "All sectors",
        "100",
        "50",
        "0",
        today,
        "none loaded",
        "0.50",
    ]
    assert later[:4] == ["2030", "All sectors", "30", "50"]
    # 30 openings, less 7 + 2 learners and 3 graduates; exact for officers.
    assert in_finance == ["2030 (latest openings)", "finance", "30", "7", "2", today, "3", "0.60", "0.60"] + [
        "1,234",
        "no",
    ]
    assert "Shortage by period and sector" in page.content.decode()


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
