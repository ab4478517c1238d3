"""Accept-Encoding: the client is sent what it can read, smallest first unless it says otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.negotiation import acceptable

OFFERED = ("br", "gzip", "identity")


@pytest.mark.parametrize(
    ("header", "first"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "identity"),
        ("gzip;q=1.0, br;q=0.8", "gzip"),
        ("gzip ; q=0.001", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000,gzip;q=0", "identity"),
        ("*", "br"),
        ("*;q=0.5, gzip;q=0.9", "gzip"),
        ("*, br;q=0", "gzip"),
        ("gzip;q=0.5, identity", "identity"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0.5, *;q=0", "identity"),
        ("br;q=nonsense, gzip", "gzip"),
        ("br;level=11, gzip", "gzip"),
    ],
)
def test_the_best_that_the_client_takes_comes_first(header: str | None, first: str) -> None:
    assert acceptable(header, OFFERED)[0] == first


def test_who_forbids_identity_is_sent_it_where_there_is_nothing_else() -> None:
    assert acceptable("identity;q=0", ("identity",)) == ["identity"]
    assert acceptable("*;q=0", OFFERED) == ["identity"]


def test_only_what_the_client_takes_is_listed() -> None:
    assert acceptable("gzip", OFFERED) == ["gzip", "identity"]
    assert acceptable("gzip, identity;q=0", OFFERED) == ["gzip"]
    assert acceptable("gzip, *;q=0", OFFERED) == ["gzip"]


@given(st.text())
def test_whatever_is_sent_something_offered_is_chosen(header: str) -> None:
    taken = acceptable(header, OFFERED)
    assert taken
    assert set(taken) <= set(OFFERED)


_WEIGHTS = st.dictionaries(st.sampled_from(["br", "gzip", "identity", "*", "zstd"]), st.integers(0, 1000))


@given(_WEIGHTS)
def test_no_coding_of_weight_zero_is_chosen_and_none_of_less_weight_than_another(weights: dict[str, int]) -> None:
    header = ", ".join(f"{coding};q={weight / 1000:.3f}" for coding, weight in weights.items())

    def weight(coding: str) -> float:
        return weights.get(coding, weights.get("*", 0.1 if coding == "identity" else 0))

    first = acceptable(header, OFFERED)[0]
    best = max(weight(coding) for coding in OFFERED)
    assert weight(first) == best or (best == 0 and first == "identity")
