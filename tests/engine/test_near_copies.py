"""Courses that are one course over again."""

import csv
from pathlib import Path

import numpy as np

from recommender.engine.near_copies import near_copies
from recommender.engine.texts import item_vectors

COURSES = Path(__file__).parents[2] / "recommender/learners/sample/courses.csv"


def grouped(vectors, skills, least=0.9):
    return near_copies(np.array(vectors), np.array(skills), least).tolist()


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
    assert near_copies(np.zeros((0, 0)), np.zeros((0, 0))).tolist() == []


def test_copies_among_real_titles_are_found_and_other_courses_of_the_field_are_not():
    titles = [course["title_en"] for course in csv.DictReader(COURSES.open(encoding="utf-8"))]
    groups = near_copies(item_vectors([f"{title} {title}" for title in titles]), np.zeros((len(titles), 0)))
    of_title = dict(zip(titles, groups.tolist(), strict=True))
    same = {of_title[title] for title in titles if title.startswith("Introduction to the Internet of Things")}
    assert same == {of_title["Introduction to Internet of Things (IoT)"]}
    others = {"Deep Learning", "Reinforcement Learning", "Machine Learning", "Data Science", "Robotics"}
    assert len({of_title[title] for title in others}) == len(others)
