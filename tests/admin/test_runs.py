"""Runs in the admin: start one, watch it, read its figures, publish it, roll back to it."""

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from recommender.recommendations.models import LiveRun, PackedList, RankingSettings, Run
from recommender.recommendations.packing import ITEM, Demand, Source, pack
from tests.cast import grant
from tests.factories import make_course, make_learner, make_run, make_sector, make_skill

pytestmark = pytest.mark.django_db
EVERYBODY = ["anonymous", "owner", "other", "officer", "staff", "superuser"]
MAY = {"officer", "superuser"}
FIGURES = {"n_learners": 1200, "ndcg": 0.191, "recall": 0.31, "hit_rate": 0.32, "coverage": None}


def address(name, *args):
    return reverse(f"admin:recommendations_run_{name}", args=args)


def page(client, name, *args):
    return client.get(address(name, *args)).content.decode()


@pytest.mark.parametrize("part", EVERYBODY)
def test_who_may_start_publish_and_roll_back(cast, part):
    run = make_run("held")
    addresses = [address("add"), address("publish", run.pk), address("roll_back", run.pk)]
    answers = [cast[part].post(one) for one in addresses]
    outcomes = {answer.status_code for answer in answers}
    to_sign_in = [answer for answer in answers if "login" in answer.get("Location", "")]
    assert (outcomes == {302} and not to_sign_in) == (part in MAY)
    assert LiveRun.objects.exists() == (part in MAY)
    assert (Run.objects.count() == 2) == (part in MAY)


def test_looking_starts_nothing(cast):
    run = make_run("held")
    for name, *args in (["add"], ["publish", run.pk], ["roll_back", run.pk]):
        assert cast["officer"].get(address(name, *args)).status_code == 200
    assert Run.objects.count() == 1
    assert not LiveRun.objects.exists()


def test_a_started_run_is_followed_on_its_page(cast):
    assert address("add") in page(cast["officer"], "changelist")
    started = cast["officer"].post(address("add"))
    run = Run.objects.get()
    assert (run.status, run.started_by) == ("queued", cast["officer"].user)
    assert started.url == address("change", run.pk)


def test_a_run_under_way_polls_and_its_end_loads_the_page(cast):
    run = Run.objects.create(status="running", stage="score", done=1200, total=98000)
    whole, part = page(cast["officer"], "change", run.pk), cast["officer"].get(address("progress", run.pk))
    assert part.content.decode().strip() in whole
    assert f'hx-get="{address("progress", run.pk)}"' in whole
    assert "Scoring learners: 1,200 / 98,000" in whole
    assert "HX-Refresh" not in part
    Run.objects.update(status="failed")
    part = cast["officer"].get(address("progress", run.pk))
    assert part["HX-Refresh"] == "true"
    assert b"hx-get" not in part.content


@pytest.mark.parametrize("part", EVERYBODY)
def test_who_may_watch(cast, part):
    run = Run.objects.create(status="running")
    expected = 200 if part in MAY else 403 if part == "staff" else 302
    assert cast[part].get(address("progress", run.pk)).status_code == expected


def test_figures_stand_beside_popularity_and_the_live_run(cast):
    breach = {"figure": "ndcg", "against": "live", "value": 0.1, "bound": 0.15}
    run = Run.objects.create(
        status="held",
        model={
            "members": [
                {
                    "family": "NextItemRidge",
                    "coefficient": 1.5,
                    "hyperparameters": {"decays": [0.3], "ridge": 30.0},
                }
            ],
            "trials": [{"model": "NextItemRidge", "params": {"ridge": 10.0}, "ndcg": 0.25, "seconds": 2.46}],
        },
        quality={"k": 10, "model": FIGURES, "popularity": {"ndcg": 0.034}, "live": None, "churn": 0.4},
        held_because=[breach],
    )
    PackedList.objects.create(run=run, learner=make_learner(), packed=b"")
    text = page(cast["officer"], "change", run.pk)
    for expected in (
        "NDCG@10",
        "0.191",
        "0.034",
        "1,200",
        "ridge",
        "30",
        "0.400",
        "ridge 10",
        "0.250",
        "2.5",
    ):
        assert expected in text
    assert "NDCG@10 is 0.100; the live run allows no less than 0.150." in text
    assert address("publish", run.pk) in text


def test_a_held_run_is_published_and_logged(cast):
    run = make_run("held")
    said = cast["officer"].post(address("publish", run.pk), follow=True).content.decode()
    assert "although it was held" in said
    assert LiveRun.objects.get().run == run
    assert LogEntry.objects.get().user == cast["officer"].user
    again = cast["officer"].post(address("publish", run.pk), follow=True).content.decode()
    assert "Only a held run whose lists are still kept can be published." in again
    assert LogEntry.objects.count() == 1


def test_a_held_run_without_lists_is_not_offered(cast):
    run = make_run("held", has_lists=False)
    assert address("publish", run.pk) not in page(cast["officer"], "change", run.pk)


def test_one_rolls_back_to_a_run_whose_lists_are_kept(cast):
    old, gone, live = make_run(), make_run(has_lists=False), make_run()
    LiveRun.objects.create(run=live)
    offered = [
        address("roll_back", run.pk) in page(cast["officer"], "change", run.pk) for run in (old, gone, live)
    ]
    assert offered == [True, False, False]
    cast["officer"].post(address("roll_back", old.pk))
    assert LiveRun.objects.get().run == old


def test_those_who_may_only_look_are_offered_nothing(cast):
    officer = cast["officer"]
    officer.user.user_permissions.remove(
        *officer.user.user_permissions.filter(codename__in=["add_run", "change_run"])
    )
    run = make_run("held")
    assert address("add") not in page(officer, "changelist")
    assert address("publish", run.pk) not in page(officer, "change", run.pk)
    assert officer.get(address("add")).status_code == 403


def test_a_list_is_unpacked_for_reading(cast):
    course, past = make_course("a", title_en="Vision"), make_course("b", title_en="Algebra")
    items = np.zeros(1, dtype=ITEM)
    items["course"], items["source"], items["demand"] = course.pk, Source.MODEL, Demand.UNKNOWN
    items["score"], items["relevance"], items["value"], items["gap_closed"] = 0.8, 0.9, 0.4, 0.25
    items["past"][0, 0], items["past_rest"] = (past.pk, 0.6), 0.12
    items["skills"][0, 0] = (make_skill("Optics").pk, 0.08)
    packed_list = PackedList.objects.create(
        run=Run.objects.create(), learner=make_learner(), packed=pack(items)
    )
    text = (
        cast["superuser"]
        .get(reverse("admin:recommendations_packedlist_change", args=[packed_list.pk]))
        .content.decode()
    )
    for expected in (
        "Vision",
        "0.800",
        "0.900",
        "0.400",
        "0.250",
        "What learners like you took next",
        "Algebra: 75%, everything else: 15%",
        "Optics: 10%",
        "Demand for these skills is not known",
    ):
        assert expected in text


def test_a_list_of_an_earlier_format_is_not_misread(cast):
    packed_list = PackedList.objects.create(
        run=Run.objects.create(), learner=make_learner(), packed=b"\0" * 41
    )
    address = reverse("admin:recommendations_packedlist_change", args=[packed_list.pk])
    assert "packed by an earlier version" in cast["superuser"].get(address).content.decode()


CURVE = {
    "n_learners": 500,
    "k": 10,
    "most_given_up": 0.03,
    "chosen": 0.5,
    "points": [
        {"w": 0.0, "ndcg": 0.2, "gap_closed": 0.01},
        {"w": 0.5, "ndcg": 0.196, "gap_closed": 0.04},
        {"w": 1.0, "ndcg": 0.1, "gap_closed": 0.05},
    ],
}


def test_the_curve_stands_beside_the_weight_in_force(cast):
    model = FIGURES | {"ndcg_of_lists": 0.196, "gap_closed": 0.04}
    quality = {"k": 10, "model": model, "popularity": FIGURES | {"ndcg_of_lists": 0.057}, "tradeoff": CURVE}
    run = make_run("published", quality=quality, shortage_weight=0.5)
    text = page(cast["superuser"], "change", run.pk)
    for expected in ("Accuracy against gap closed", "98.0%", "400.0%", "in force, chosen by the curve"):
        assert expected in text
    figures = text[text.index("NDCG@10 of the lists, at the weight in force") :]
    assert figures.index("0.196") < figures.index("0.057") < figures.index("Gap closed per recommendation")
    assert text.count("<circle") == 3
    assert "style=" not in text[text.index("<figure") : text.index("</figure>")]


def test_what_rests_on_gaps_alone_and_groups_are_shown(cast):
    sector = make_sector(name_en="Health care")
    row = {"n_learners": 40, "ndcg": 0.123, "recall": 0.234}
    groups = {"sectors": [row | {"sector": sector.pk}], "courses": [row | {"from": 5}]}
    demand = {"n_skills": 7, "n_known": 0}
    quality = {"k": 10, "model": FIGURES, "groups": groups, "demand": demand}
    run = make_run("published", quality=quality)
    text = page(cast["superuser"], "change", run.pk)
    for expected in ("Health care", "With 5 courses or more", "0.123", "value comes from gaps alone"):
        assert expected in text
    Run.objects.update(quality=quality | {"demand": {"n_skills": 7, "n_known": 3}})
    assert "known for 3 of the 7 skills" in page(cast["superuser"], "change", run.pk)


def settings_address(name, *args):
    return reverse(f"admin:recommendations_rankingsettings_{name}", args=args)


def test_an_officer_sets_the_weight_and_it_is_logged(cast):
    grant(cast["officer"].user, "recommendations.change_rankingsettings")
    RankingSettings.objects.create()
    live = make_run("published", quality={"model": FIGURES, "tradeoff": CURVE})
    LiveRun.objects.create(run=live)
    address = settings_address("change", 1)
    text = cast["officer"].get(address).content.decode()
    assert "In force now: 0.500." in text
    assert "Accuracy against gap closed" in text
    assert cast["officer"].post(address, {"shortage_weight": "0.25"}).status_code == 302
    assert RankingSettings.objects.get().shortage_weight == 0.25
    entry = LogEntry.objects.get()
    assert entry.user == cast["officer"].user
    assert entry.get_change_message() == "Weight of the shortage: chosen by the curve -> 0.25."
    assert "In force now: 0.250." in cast["officer"].get(address).content.decode()


@pytest.mark.parametrize("weight", ["-0.1", "1.1"])
def test_an_impossible_weight_is_refused_with_a_message(cast, weight):
    RankingSettings.objects.create()
    answer = cast["superuser"].post(settings_address("change", 1), {"shortage_weight": weight})
    assert "The weight of the shortage lies between 0 and 1." in answer.content.decode()
    assert RankingSettings.objects.get().shortage_weight is None


def test_there_is_one_row_of_settings_and_it_stays(cast):
    assert cast["superuser"].post(settings_address("add"), {"shortage_weight": ""}).status_code == 302
    assert RankingSettings.objects.get().pk == 1
    assert cast["superuser"].get(settings_address("add")).status_code == 403
    assert cast["superuser"].post(settings_address("delete", 1), {"post": "yes"}).status_code == 403
    assert "drew no curve" in cast["superuser"].get(settings_address("change", 1)).content.decode()


@pytest.mark.parametrize("part", [part for part in EVERYBODY if part != "superuser"])
def test_nobody_else_sets_the_weight(cast, part):
    RankingSettings.objects.create()
    cast[part].post(settings_address("change", 1), {"shortage_weight": "0.5"})
    assert RankingSettings.objects.get().shortage_weight is None
