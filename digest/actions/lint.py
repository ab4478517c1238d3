"""The lint of an edition's mail, and the gate before its approval: what has errors is not approved.

frozen ─▶ findings in every language ── errors? ─ no ─▶ may be approved; warnings are said
                                          └─ yes ─▶ FaultyMail, which names each
"""

from collections.abc import Sequence

from digest.actions.newsroom import Newsroom
from digest.editions.edition import Edition
from digest.editions.freezing import Frozen
from digest.errors import Refused
from digest.mail.lint.finding import Finding, across_languages, errors
from digest.mail.lint.inbox import lint
from digest.mail.lint.site import Site, coming_with
from digest.mail.rendering import Rendering


class FaultyMail(Refused):
    """The mail of an edition has errors, so it is not approved."""

    def __init__(self, edition: str, faults: Sequence[Finding]) -> None:
        self.edition = edition  # id
        self.faults = tuple(faults)
        remedy = f"Mend them, and compose it again: digest edition compose {edition}"
        super().__init__(f"{edition} cannot be approved: {_counted(len(faults))} in its mail", remedy)

    def __reduce__(self) -> tuple[type["FaultyMail"], tuple[str, tuple[Finding, ...]]]:
        """Travel between processes with its faults."""
        return type(self), (self.edition, self.faults)

    def __str__(self) -> str:
        """Return each error on a line of its own, and then what follows from them."""
        return "\n".join([*(f"{self.edition} {fault}" for fault in self.faults), f"{self.message}. {self.remedy}"])

    @property
    def reason(self) -> str:
        """Return in one line why the edition is held."""
        every = f"`digest edition show {self.edition} --lint` shows all"
        return f"{_counted(len(self.faults))} in its mail ({every}), the first: {self.faults[0]}"


def _counted(number: int) -> str:
    return "1 error" if number == 1 else f"{number} errors"


def lint_edition(newsroom: Newsroom, frozen: Frozen) -> tuple[Finding, ...]:
    """Return what is wrong with the frozen mail in each language."""
    site = _site(newsroom, frozen)
    sender = frozen.manifest.sender.name
    return tuple(
        finding
        for one in frozen.versions
        for finding in lint(Rendering(one.html, one.text), one.composition, sender, site)
    )


def warnings_of_sound_mail(newsroom: Newsroom, edition: Edition, frozen: Frozen) -> tuple[Finding, ...]:
    """Return the warnings about an edition that may be approved; FaultyMail when it may not."""
    findings = lint_edition(newsroom, frozen)
    if faults := errors(findings):
        raise FaultyMail(edition.id, across_languages(faults))
    return across_languages(findings)


def _site(newsroom: Newsroom, frozen: Frozen) -> Site:
    def has(path: str) -> bool:
        try:
            return (newsroom.public / path).is_file()
        except (OSError, ValueError):  # no file can have that name
            return False

    return Site(newsroom.config.newsroom.url, coming_with(frozen.compositions), has)
