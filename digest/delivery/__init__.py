"""How an edition gets to its recipients, so that a kill at any instant loses nobody and names everybody in doubt.

    for each row that is due:
        message ─▶ lane: MAIL, RCPT, DATA, body, but not the final dot
                ─▶ gate: one commit {results so far, this row in flight}     refused: the connection is dropped
                ─▶ lane: the dot ─▶ reply ─▶ outcome: sent | deferred | bounced | failed | in doubt

    sender ── lanes, for each route to a mail server ── lane ── transport: dialogue, after smtp let us in
       └───── gate ── rows                    waits: which lane can go on; throttle: what a route may be given

One thread holds all lanes, which share the gate, and so a commit. Letters to subscribers take the same way as editions.

A body without its dot is no message, so whatever dies before the commit has sent nothing; whatever dies after it
leaves one row in flight for each connection, and the next run finds it.
"""
