"""Faces with state, and the site beside them.

/unsubscribe/<token>   GET asks, POST acts      /healthz   is the schedule alive      /…   the tree of public/
"""
