import pytest

from digest.templating import ended


@pytest.mark.parametrize(
    ("caption", "sentence"),
    [
        ("The quay, day of the strike", "The quay, day of the strike."),
        ("The quay.", "The quay."),
        ("“Who rows?”", "“Who rows?”"),
        ("The quay (left) ", "The quay (left)."),
        ("من يجدف؟", "من يجدف؟"),
        ("«¿Quién rema?»", "«¿Quién rema?»"),
    ],
)
def test_a_caption_is_ended_as_a_sentence_unless_it_is_one(caption: str, sentence: str) -> None:
    assert ended(caption).strip() == sentence
