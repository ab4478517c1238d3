"""The subject and the sender: all that is seen before a mail is opened, and what filters look at first."""

import re
import unicodedata
from collections.abc import Iterator

from digest.mail.lint.finding import SENDER, SUBJECT, Fault, Finding

_SHOWN = 60  # characters, about what mail programs show of a subject on a wide screen; a telephone shows fewer
_LONGEST = 200  # characters; Rspamd and Stalwart count more against a mail
_FEWEST_CAPITALS = 10  # letters; as with SpamAssassin and Stalwart, a word such as UNHCR is no shouting
_EDIT = "`digest edition edit --subject`"
_REPLY = re.compile(r"(re|aw|sv|fwd?|rv|tr|wg)\s*:", re.IGNORECASE)

# By language, what SpamAssassin's rules know as advertising or fraud in the files that are named, and what a newsroom
# has no need to say. Left out is what news may well say: "act now", "free", "debt", "oferta", "publicidad".
_TRAPS = {
    "en": (  # rules/20_head_tests.cf, 20_phrases.cf
        r"\bas seen on\b",  # SUBJ_AS_SEEN
        r"\bdouble your\b",  # SUBJ_DOUBLE_YOUR
        r"\bsave (up to|big|at least)\b",  # SAVINGS
        r"\b100% guaranteed\b",  # GUARANTEED_100_PERCENT
        r"\bmoney[- ]back guarantee\b",  # MONEY_BACK
        r"\bdear friend\b",  # DEAR_FRIEND
        r"\bunclaimed (funds?|money|prizes?)\b",  # UNCLAIMED_MONEY
        r"\burgent (assistance|business|notice|proposal|reply|request|response)\b",  # URG_BIZ
        r"\bclick here\b",  # it says nothing of what is there
    ),
    "es": (  # rules/25_head_tests_es.cf, 25_body_tests_es.cf
        r"\bgratis\b",  # GRATIS_T_ES
        r"\bprecio promocional\b|\bpromoci[óo]n especial\b",  # PROMOCION_ES
        r"\bha(ga|z) clic?k? aqu[íi]\b",  # CLICK_ES
        r"\bha (sido elegido|resultado) ganador\b",  # GANADORES_ES_02
    ),
}


def check_subject(subject: str, language: str) -> Iterator[Finding]:
    """Yield what is wrong with a subject in that language."""
    for level, rule, message, remedy in _faults(subject, language):
        yield Finding(language, (SUBJECT,), level, rule, message, remedy)


def check_sender(name: str, language: str) -> Iterator[Finding]:
    """Yield what is wrong with the name in From."""
    if not name.strip():
        message, remedy = "the sender has no name", "Give it as `mail.from.name` in config.yaml."
        yield Finding(language, (SENDER,), "error", "sender", message, remedy)


def _faults(subject: str, language: str) -> Iterator[Fault]:
    if not subject.strip():
        yield "error", "subject-empty", "the subject is empty", f"Give one by {_EDIT}."
        return
    if not any(unicodedata.category(char)[0] in "LN" for char in subject):
        message = f"the subject {subject!r} has no letter and no digit"
        yield "error", "subject-wordless", message, f"Say in words what is in it, by {_EDIT}."
    yield from _of_length(subject)
    letters = [char for char in subject if char.isupper() or char.islower()]
    if len(letters) >= _FEWEST_CAPITALS and all(map(str.isupper, letters)) and len(subject.split()) > 1:
        message = f"the subject {subject!r} is in capitals"
        yield "warning", "subject-capitals", message, f"Write it as a sentence, by {_EDIT}."
    if (marks := len(re.findall("[!！]", subject))) > 1:  # noqa: RUF001 - the Chinese mark is meant
        yield "warning", "subject-marks", f"the subject has {marks} exclamation marks", f"Leave one, by {_EDIT}."
    yield from _of_words(subject, language)


def _of_length(subject: str) -> Iterator[Fault]:
    if len(subject) > _LONGEST:
        message = f"the subject has {len(subject)} characters, and filters count more than {_LONGEST} against it"
        yield "error", "subject-length", message, f"Shorten it by {_EDIT}."
    elif (shown := _width(subject)) > _SHOWN:
        message = f"the subject takes the room of {shown} characters, and mail programs show about {_SHOWN}"
        remedy = f"Shorten it by {_EDIT}, or for all editions by `subject` of the digest in config.yaml."
        yield "warning", "subject-length", message, remedy


def _width(text: str) -> int:
    """Return the room it takes, in characters: Chinese ones take two, and accents that stand for themselves none."""
    combined = sum(unicodedata.category(char) in {"Mn", "Me", "Cf"} for char in text)
    return len(text) - combined + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def _of_words(subject: str, language: str) -> Iterator[Fault]:
    if found := _REPLY.match(subject.strip()):
        message = f"the subject begins with {found[0]!r} as if it were a reply"
        yield "warning", "subject-words", message, f"Leave that out, by {_EDIT}."
    for trap in _TRAPS.get(language.partition("-")[0], ()):
        if found := re.search(trap, subject, re.IGNORECASE):
            message = f"the subject says {found[0]!r}, as advertising and fraud do"
            yield "warning", "subject-words", message, f"Say it in other words, by {_EDIT}."
