"""Queues: what is asked for by an address, the rows that come of it, the overview, cases given out, the desk."""
