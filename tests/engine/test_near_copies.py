"""Courses that are one course over again."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recommender.engine.near_copies import near_copies
from recommender.engine.texts import item_vectors

COURSES = Path(__file__).parents[2] / "recommender/learners/sample/courses.csv"


def grouped(vectors, skills, least=0.9):
    return near_copies(np.array(vectors), np.array(skills), [""] * len(vectors), least).tolist()


def test_the_same_text_and_the_same_skills_make_a_group():
    east, north = [1.0, 0.0], [0.0, 1.0]
    assert grouped([east, north, east, north], [[3], [3], [3], [2]]) == [0, 1, 0, 3]


def test_the_threshold_counts_itself_and_likeness_is_handed_on():
    def at(degrees):
        return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]

    vectors = [at(0), at(60), at(120), at(240)]
    assert grouped(vectors, np.zeros((4, 1)), least=0.5) == [0, 0, 0, 3]
    assert grouped(vectors, np.zeros((4, 1)), least=0.51) == [0, 1, 2, 3]


def test_courses_that_say_nothing_are_no_copies_of_each_other():
    assert grouped([[0.0], [0.0]], [[0], [0]]) == [0, 1]
    assert near_copies(np.zeros((0, 0)), np.zeros((0, 0)), []).tolist() == []


def by_titles(titles):
    vectors = item_vectors([f"{title} {title}" for title in titles])
    return near_copies(vectors, np.zeros((len(titles), 0)), titles).tolist()


@pytest.mark.parametrize(
    "titles",
    [
        ("Java Programming – Part 1", "Java Programming – Part 2"),
        ("Spreadsheet Processing I (Part-time)", "Spreadsheet Processing II (Part-time)"),
        ("Robotics", "Robotics II"),
        ("Introductory Machine Learning", "Advanced Machine Learning"),
        ("Python for Beginners", "Intermediate Python"),
        ("數據分析初級課程", "數據分析進階課程"),
        ("数据分析初级课程", "数据分析高级课程"),
        ("Java 編程(上)", "Java 編程(下)"),
        ("機器學習 第一部", "機器學習 第二部"),
        ("Java Part 1 Java 編程 第一部", "Java Part 2 Java 編程 第二部"),
    ],
)
def test_sequels_are_no_copies_however_alike_they_are(titles):
    alike = np.ones((2, 1))
    assert near_copies(alike, np.zeros((2, 0)), titles).tolist() == [0, 1]


@pytest.mark.parametrize(
    "titles",
    [
        ("Machine Learning 2025", "Machine Learning 2026"),
        ("Crime science (honours degree, 2025/26)", "Crime science (honours degree, 2026/27)"),
        ("Machine Learning (46409-AIE)", "Machine Learning (46409-SYA)"),
        ("MSc Computer Science (P53)", "MSc Computer Science (P59)"),
        ("Machine Learning, Semester 1", "Machine Learning, Semester 2"),
        ("機器學習 第一期", "機器學習 第二期"),
        ("機器學習(線上)", "機器學習"),
        ("Introduction to Robotics 機械人學入門", "Intro to Robotics"),
        ("Python – Part 1", "Python Part I"),
        ("機器學習 第一部", "Machine Learning, part 1"),
    ],
)
def test_another_term_is_a_copy_and_so_is_the_same_step_in_other_words(titles):
    alike = np.ones((2, 1))
    assert near_copies(alike, np.zeros((2, 0)), titles).tolist() == [0, 0]


def test_sequels_among_real_titles_are_parted():
    courses = list(csv.DictReader(COURSES.open(encoding="utf-8")))
    titles = [f"{course['title_en']} {course['title_zh_hant']}" for course in courses]
    place = {course["code"]: row for row, course in enumerate(courses)}
    taught = [
        (place[row["course"]], row["skill"], int(row["level"]))
        for row in csv.DictReader(COURSES.with_name("course_skills.csv").open(encoding="utf-8"))
    ]
    slugs = sorted({skill for _, skill, _ in taught})
    skills = np.zeros((len(courses), len(slugs)))
    for row, skill, level in taught:
        skills[row, slugs.index(skill)] = level
    vectors = item_vectors([f"{title} {title}" for title in titles], skills)
    first, second = (place[f"edx-introduction-to-java-programming-part-{part}"] for part in (1, 2))
    assert vectors[first] @ vectors[second] > 0.9
    groups = near_copies(vectors, skills, titles)
    assert groups[first] != groups[second]
    # Two providers' courses of one name stay together.
    assert Counter(groups.tolist())[groups[place["cs-fundamentals-of-reinforcement-learning"]]] == 2


def test_copies_among_real_titles_are_found_and_other_courses_of_the_field_are_not():
    titles = [course["title_en"] for course in csv.DictReader(COURSES.open(encoding="utf-8"))]
    of_title = dict(zip(titles, by_titles(titles), strict=True))
    same = {of_title[title] for title in titles if title.startswith("Introduction to the Internet of Things")}
    assert same == {of_title["Introduction to Internet of Things (IoT)"]}
    others = {"Deep Learning", "Reinforcement Learning", "Machine Learning", "Data Science", "Robotics"}
    assert len({of_title[title] for title in others}) == len(others)
