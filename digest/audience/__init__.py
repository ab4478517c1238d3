"""Who gets it: addresses, consent, tokens.

address ─▶ admission ─▶ asked ─▶ confirmed ─▶ left | suppressed        each step with its evidence
"""
