"""Mail an edition to somebody who looks at it before it goes out; nobody else gets it, and nothing is remembered."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from digest.actions.compose import frozen_content, mail_settings, offer_of
from digest.actions.ports import Office
from digest.actions.send import own_tokens, prepared_message
from digest.addresses import Address, parse_address
from digest.audience.interests import Variant
from digest.delivery.single import send_one
from digest.editions.edition import Edition
from digest.editions.freezing import FrozenVersion
from digest.errors import Refused, UnfitText

_NOBODY = 0  # no subscriber has this key, so the links of a test act for nobody


def send_test(
    office: Office, edition: Edition, addresses: Sequence[Address], variant: Variant, new_id: Callable[[], str]
) -> None:
    """Mail the edition as it stands, in that variant and marked as a test, to these addresses.

    `new_id` makes what no other mail has in its Message-ID. Raises Refused for an address that
    `mail.only_to` does not allow or a choice that leaves nothing to mail, OutsideFailure when a mail cannot be sent.
    """
    mail, frozen = mail_settings(office.newsroom), frozen_content(office.newsroom, edition)
    allowed = {parse_address(one).key for one in mail.only_to}
    barred = [one.address for one in addresses if allowed and one.key not in allowed]
    if barred:
        raise Refused(f"`mail.only_to` does not name {', '.join(barred)}", "Add it there, or test with one it names.")
    if offer_of(office.newsroom, frozen).leaves_nothing(variant):
        nothing = f"{edition.id} has nothing for readers who chose `{variant}`, so they get no mail of it"
        raise Refused(nothing, "Choose other kinds or topics.")
    message = prepared_message(office, edition, frozen, _marked(frozen.version_for(variant.language)))
    sender = frozen.manifest.sender.email
    own = own_tokens(office.keys, _NOBODY, edition.key)
    for address in addresses:
        message_id = f"<test.{new_id()}@{sender.rpartition('@')[2]}>"
        try:
            whole = message.for_recipient(address.address, own, message_id, variant.interests)
        except UnfitText as unfit:
            raise Refused(unfit.message, unfit.remedy) from unfit
        send_one(office.routes, sender, address.address, whole)


def _marked(version: FrozenVersion) -> FrozenVersion:
    composition = version.composition
    marked = composition.model_copy(update={"subject_form": f"[Test] {composition.subject_form}"})
    return replace(version, composition=marked)
