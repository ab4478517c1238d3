"""What is remembered, in SQLite or PostgreSQL.

url ─▶ database ─▶ Engine ─▶ Editions · Subscribers · Deliveries · Schedules · Notices        a method, a transaction
"""
