"""How an edition gets to its recipients, so that a kill at any instant loses nobody and names everybody in doubt.

    for each row that is due:
        message ─▶ lane: MAIL, RCPT, DATA, body, but not the final dot
                ─▶ gate: one commit {results so far, this row in flight}     refused: the connection is dropped
                ─▶ lane: the dot ─▶ reply ─▶ outcome: sent | deferred | bounced | failed | in doubt

Several lanes share the gate, and so a commit. Letters to subscribers take the same way as editions.

A body without its dot is no message, so whatever dies before the commit has sent nothing; whatever dies after it
leaves one row in flight for each connection, and the next run finds it.
"""
