"""What goes into a digest, and when.

slots (when) ─▶ due (is it time?) ─▶ window (which items) ─▶ composition (what it says) ─▶ freezing (bytes, SHA-256)
                                                                ▲
                                                           decisions (the editors')
"""
