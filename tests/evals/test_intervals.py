"""How sure a figure is."""

from __future__ import annotations

from polylsp.evals import intervals


def test_what_differs_between_packages_makes_an_interval_wide() -> None:
    packages = [str(at // 10) for at in range(100)]
    within = [float(at % 2) for at in range(100)]
    between = [float(at // 10 % 2) for at in range(100)]
    assert intervals.of_mean(within, packages) == (0.5, 0.5)
    low, high = intervals.of_mean(between, packages)
    assert low < 0.3
    assert high > 0.7


def test_what_is_better_at_every_place_is_so_for_sure() -> None:
    packages = list("aabbccdd")
    theirs = [0.0, 1, 0, 1, 0, 1, 1, 1]
    ours = [one + 0.25 for one in theirs]
    assert intervals.of_difference(ours, theirs, packages) == (0.25, 0.25)
    assert intervals.of_ratio(theirs, theirs, packages) == (1.0, 1.0)


def test_the_same_places_give_the_same_interval() -> None:
    values, packages = [0.1, 0.7, 0.3, 0.9], list("abca")
    assert intervals.of_mean(values, packages) == intervals.of_mean(values, packages)
