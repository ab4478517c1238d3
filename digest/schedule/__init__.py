"""When things happen.

Alarm (APScheduler: every 15 s, and at each moment known ahead) ─▶ Rounds.go ─▶ actions.reconcile
Courier (a thread) ─▶ actions.deliver_due
"""
