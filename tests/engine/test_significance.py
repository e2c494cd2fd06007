"""Whether intervals are as wide as they should be, and p-values as small."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from recommender.engine.significance import N_FLIPS, compare, mean_figures

shares = st.lists(st.floats(0, 1), min_size=2, max_size=30)


def width(figure):
    return figure.high - figure.low


def test_a_figure_is_the_mean_of_those_who_have_one():
    both, few, one, nobody = mean_figures(
        [[1, 0, np.nan, np.nan], [2, np.nan, np.nan, np.nan], [6, 1, 5, np.nan]]
    )
    assert (both.value, few.value, one.value) == (3, 0.5, 5)
    assert 1 < both.low < 3 < both.high < 6
    assert 0 < few.low < 0.5 < few.high < 1
    assert np.isnan([one.low, one.high, *nobody]).all()  # one user tells nothing about others


def test_nobody_has_no_figure():
    (figure,) = mean_figures(np.empty((0, 1)))
    assert np.isnan(figure).all()


@settings(deadline=None, max_examples=50)
@given(shares)
def test_an_interval_holds_the_mean_and_keeps_to_the_range_of_the_figures(values):
    (figure,) = mean_figures(np.array(values)[:, np.newaxis])
    rounding = 1e-6 * (max(values) - min(values)) + 1e-12
    assert figure.value == pytest.approx(np.mean(values))
    assert min(values) - rounding <= figure.low <= figure.value + rounding
    assert figure.value - rounding <= figure.high <= max(values) + rounding


def test_an_interval_is_as_wide_as_theory_says_and_shrinks_with_the_root_of_n():
    rng = np.random.default_rng(0)
    for n in (100, 2_500, 40_000):
        values = rng.exponential(size=n)
        of_half = np.where(np.arange(n) % 2, values, np.nan)
        for figure, size in zip(mean_figures(np.column_stack([values, of_half])), (n, n / 2), strict=True):
            assert width(figure) == pytest.approx(2 * 1.96 * values.std() / np.sqrt(size), rel=0.15)


def test_intervals_agree_with_those_of_drawing_with_replacement():
    values = np.random.default_rng(0).binomial(1, 0.2, 400).astype(float)
    (figure,) = mean_figures(values[:, np.newaxis])
    classic = stats.bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(1))
    assert [figure.low, figure.high] == pytest.approx(list(classic.confidence_interval), abs=0.006)


def test_nineteen_in_twenty_intervals_hold_the_true_mean():
    rng = np.random.default_rng(0)
    samples = rng.binomial(1, 0.3, size=(200, 400)).astype(float)
    held = [figure.low <= 0.3 <= figure.high for figure in mean_figures(samples)]
    # 95% of 400 is 380, with a standard deviation of 4.4.
    assert 362 <= sum(held) <= 394


def test_a_column_does_not_depend_on_the_others():
    values = np.random.default_rng(0).random((50, 3))
    values[::2, 1] = np.nan
    together = mean_figures(values)
    alone = [mean_figures(values[:, [column]])[0] for column in range(3)]
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_the_random_state_decides():
    values = np.random.default_rng(0).random((50, 2))
    assert mean_figures(values, random_state=1) == mean_figures(values, random_state=1)
    assert mean_figures(values, random_state=1) != mean_figures(values, random_state=2)
    a, b = values.T
    assert compare(a, b, random_state=1) == compare(a, b, random_state=1)
    assert compare(a, b, random_state=1).p_value != compare(a, b, random_state=2).p_value


def test_a_clear_difference_is_seen():
    rng = np.random.default_rng(0)
    b = rng.random(1_000)
    comparison = compare(b + rng.normal(0.05, 0.1, 1_000), b)
    assert comparison.difference.low > 0.03
    assert comparison.difference.value == pytest.approx(0.05, abs=0.01)
    assert comparison.p_value == 1 / (1 + N_FLIPS)


def test_p_values_are_uniform_where_there_is_no_difference():
    rng = np.random.default_rng(0)
    p_values = [compare(*rng.random((2, 60)), random_state=seed).p_value for seed in range(300)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    # 5% of 300 is 15, with a standard deviation of 3.8.
    assert 5 <= np.sum(np.array(p_values) <= 0.05) <= 25


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0.1, 0.3]), st.sampled_from([0, 0.1, 0.2])), min_size=2, max_size=11
    )
)
def test_p_values_agree_with_trying_every_pattern_of_signs(pairs):
    # Values that often tie: sums that differ by rounding alone must count as equal.
    a, b = np.array(pairs, dtype=float).T
    exact = stats.permutation_test(
        (a, b), lambda a, b: np.round(np.mean(a - b), 9), permutation_type="samples", n_resamples=np.inf
    ).pvalue
    # Five standard deviations of a share of N_FLIPS.
    assert compare(a, b).p_value == pytest.approx(min(exact, 1), abs=5 * 0.5 / np.sqrt(N_FLIPS))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=20))
def test_exchanging_the_runs_changes_the_sign_alone(pairs):
    a, b = np.array(pairs).T
    there, back = compare(a, b), compare(b, a)
    assert there.p_value == back.p_value
    assert there.difference.value == -back.difference.value
    assert there.difference.low == pytest.approx(-back.difference.high, abs=1e-6)


def test_runs_that_do_the_same_do_not_differ():
    a = np.random.default_rng(0).random(20)
    assert compare(a, a) == (20, (0, 0, 0), 1)


def test_users_of_whom_a_run_knows_nothing_are_left_out():
    a, b = np.array([1.0, np.nan, 0.5, 0.25]), np.array([0.0, 1.0, np.nan, 0.0])
    comparison = compare(a, b)
    assert comparison.n_users == 2
    assert comparison.difference.value == 0.625
    assert comparison.p_value == compare(a[[0, 3]], b[[0, 3]]).p_value
    nobody = compare(a[1:3], b[1:3])
    assert nobody.n_users == 0
    assert np.isnan([*nobody.difference, nobody.p_value]).all()


def test_runs_on_other_users_are_refused():
    with pytest.raises(ValueError, match=r"one figure per user of the same users, got \(3,\) and \(2,\)"):
        compare(np.zeros(3), np.zeros(2))
