"""One mail to one person, such as a notice to the staff: no rows, no second try."""

from contextlib import closing

from digest.delivery.lane import Connect, Lane
from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Reply
from digest.errors import OutsideFailure, Refused, UnfitText


def send_one(connect: Connect, return_path: str, address: str, message: bytes) -> Reply:
    """Send one message and return the server's answer.

    `message` is fit for the wire as `Outgoing` asks for it. Raises Refused for an unfit one, and OutsideFailure when
    no server can be reached or it does not take the message.
    """
    try:
        outgoing = Outgoing(return_path, address, message)
    except UnfitText as error:
        raise Refused(error.message, error.remedy) from error
    with closing(Lane(connect)) as lane:
        reply = lane.offer(outgoing) or lane.finish()
    if not reply.accepts:
        raise OutsideFailure(
            f"the mail server did not take the mail to {address}: {reply}", "Mend what it names and send it again."
        )
    return reply
