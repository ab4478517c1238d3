import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.addresses import Address, is_written_out, parse_address
from digest.errors import UnfitText


def test_an_address_is_kept_as_given_and_compared_in_lower_case() -> None:
    assert parse_address("Ana.Gil@Paper.Example") == Address("Ana.Gil@paper.example", "ana.gil@paper.example")


def test_nothing_is_guessed_about_a_provider() -> None:
    assert parse_address("a.n.a+digest@gmail.com").key == "a.n.a+digest@gmail.com"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana@例え.テスト", "ana@xn--r8jz45g.xn--zckzah"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        (" ana@paper.example ", "ana@paper.example"),
        ("ana@pa\u200bper.example", "ana@paper.example"),
    ],
)
def test_a_domain_is_written_as_dns_knows_it(text: str, address: str) -> None:
    assert parse_address(text).address == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@paper.example",
        "ana@",
        "ana@paper",
        "ana@paper.",
        "ana@.example",
        "ana@paper..example",
        "ana@-paper.example",
        "ana@paper-.example",
        "ana@paper_one.example",
        "ana@127.0.0.1",
        "ana@[127.0.0.1]",
        ".ana@paper.example",
        "ana.@paper.example",
        "a..na@paper.example",
        '"ana gil"@paper.example',
        "ana(press)@paper.example",
        "Ana Gil <ana@paper.example>",
        "ana@paper.example, ben@paper.example",
        "ana gil@paper.example",
        "ana@ben@paper.example",
        "ana\n@paper.example",
        "ana@paper.example\n",
        "ana@paper.example\r\nRCPT TO:<ben@paper.example>",
        "ana@paper.example\x00",
        "ana\t@paper.example",
        "ana@xn--a.example.",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="is not an e-mail address"):
        parse_address(text)


def test_letters_that_need_smtputf8_are_refused_in_so_many_words() -> None:
    with pytest.raises(UnfitText, match="SMTPUTF8, which is not supported"):
        parse_address("josé@paper.example")


def test_lengths_end_where_smtp_ends_them() -> None:
    domain = ".".join(["d" * 60] * 3) + ".ex"
    assert parse_address(f"{'a' * 64}@{domain}")
    long_domain = domain + "ample"
    for text in (f"{'a' * 65}@{domain}", f"{'a' * 64}@{'d' * 3}.{long_domain}", f"a@{'d' * 64}.example"):
        with pytest.raises(UnfitText):
            parse_address(text)


@given(st.one_of(st.text(), st.from_regex(r"[^@]{1,9}@[^@]{1,12}\.[a-z]{2}"), st.emails()))
def test_whatever_passes_is_safe_to_say_to_a_mail_server(text: str) -> None:
    try:
        found = parse_address(text)
    except UnfitText:
        return
    assert found.address.isascii()
    assert found.address.isprintable()
    assert not set(found.address) & set(' "<>()[],;:\\')
    assert found.address.count("@") == 1
    assert len(found.address) <= 254
    assert found.key == found.address.lower() == parse_address(found.address).key


@given(st.one_of(st.from_regex(r"[A-Za-z0-9._+-]{1,70}@[a-zA-Z0-9.-]{1,200}", fullmatch=True), st.text(max_size=30)))
def test_an_address_is_written_out_just_when_parsing_returns_it_as_it_is(text: str) -> None:
    try:
        returned = parse_address(text).address == text
    except UnfitText:
        returned = False
    assert is_written_out(text) == returned
