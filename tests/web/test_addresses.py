"""Addresses: what can name a file of the site, and how one address leads to another."""

from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.addresses import across, into_folder, located, way_to_root


@pytest.mark.parametrize(
    "address",
    [
        "../config.yaml",
        "items/../../config.yaml",
        "items/..",
        "./index.html",
        "/etc/passwd",
        "items//x/",
        ".new/secret.html",
        ".git/config",
        "items/.hidden",
        "items/.well-known/x",
        ".well-known/.htpasswd",
        ".well-known/../../config.yaml",
        "..\\config.yaml",
        "items\\x",
        "index.html\0.png",
        "a\nb",
        "..",
        ".",
    ],
)
def test_what_leads_upwards_or_is_hidden_has_no_address(address: str) -> None:
    assert located(address) is None


@pytest.mark.parametrize(
    "address", ["", "index.html", "items/x/", "items/x", "documents/ab/Niños 2.pdf", ".well-known/security.txt", "%2e"]
)
def test_others_are_paths_as_they_stand(address: str) -> None:
    assert located(address) == address


_ANY = st.text(st.sampled_from("./\\ab\0%"), max_size=12)


@given(_ANY)
def test_no_path_leaves_the_folder(address: str) -> None:
    path = located(address)
    if path is not None:
        assert ".." not in path.split("/")
        assert not path.startswith("/")
        assert "\\" not in path
        assert "\0" not in path


_PLAIN = st.text(st.sampled_from("ab:?#é %"), min_size=1, max_size=4)
_PATHS = st.lists(_PLAIN, min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize("base", ["https://a.example/", "https://a.example/news/room/"])
@given(path=_PATHS, target=_PATHS)
def test_references_lead_to_their_target_wherever_the_site_stands(base: str, path: str, target: str) -> None:
    here = base + path.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
    assert unquote(urljoin(here, across(path, f"{target}/index.html"))) == f"{base}{target}/"
    assert urljoin(here, way_to_root(path)) == base
    assert unquote(urljoin(here, into_folder(path))) == f"{base}{path}/"
