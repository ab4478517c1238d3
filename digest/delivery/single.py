"""One mail to one person, such as a notice to the staff: no rows, no second try."""

from collections.abc import Sequence

from digest.delivery.outgoing import Outgoing
from digest.delivery.replies import Reply
from digest.delivery.route import Route
from digest.delivery.transport import Transport, outcome, take_leave
from digest.errors import OutsideFailure, Refused, UnfitText


def send_one(routes: Sequence[Route], return_path: str, address: str, message: bytes) -> Reply:
    """Send one message by the first server that lets us in, and return its answer.

    `message` is fit for the wire as `Outgoing` asks for it. Raises Refused for an unfit one, and OutsideFailure when
    no server can be reached or it does not take the message.
    """
    try:
        outgoing = Outgoing(return_path, address, message)
    except UnfitText as error:
        raise Refused(error.message, error.remedy) from error
    transport = _connected(routes)
    try:
        reply = _answer(transport, outgoing)
    finally:
        take_leave(transport)
    if not reply.accepts:
        raise OutsideFailure(
            f"the mail server did not take the mail to {address}: {reply}", "Mend what it names and send it again."
        )
    return reply


def _connected(routes: Sequence[Route]) -> Transport:
    """Return a connection to the first server that lets us in; OutsideFailure names each with what is wrong with it.

    One that did not when it was asked last is asked last: it may take a minute to say nothing.
    """
    failures = []
    for route in sorted(routes, key=lambda route: bool(route.throttle.out_of_reach)):
        try:
            transport = route.connect()
        except OutsideFailure as failure:
            route.throttle.out_of_reach = failure.message
            failures.append(failure)
        else:
            route.throttle.out_of_reach = ""
            return transport
    if not failures:
        raise Refused("config.yaml names no mail server", "Add one to mail.smtp.")
    raise OutsideFailure("; ".join(failure.message for failure in failures), failures[0].remedy)


def _answer(transport: Transport, outgoing: Outgoing) -> Reply:
    transport.offer(outgoing)
    ended = outcome(transport)
    if isinstance(ended, Reply):
        return ended
    transport.finish()
    answer = outcome(transport)
    assert isinstance(answer, Reply)  # noqa: S101 - nothing else answers a dot
    return answer
