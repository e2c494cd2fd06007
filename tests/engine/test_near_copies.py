"""Courses that are one course over again."""

import numpy as np

from recommender.engine.near_copies import near_copies
from recommender.engine.texts import item_vectors


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


def test_terms_of_one_course_are_found_and_its_sequel_is_not():
    text = "{0} {0} Supervised and unsupervised models that learn from data: regression, trees, clustering."
    titles = [
        "Machine learning, autumn term",
        "Machine learning, spring term",
        "Machine learning",
        "Tort law",
    ]
    texts = [text.format(title) for title in titles]
    skills = np.array([[2, 0], [2, 0], [4, 0], [0, 3]])
    assert near_copies(item_vectors(texts, skills), skills, 0.8).tolist() == [0, 0, 2, 3]
