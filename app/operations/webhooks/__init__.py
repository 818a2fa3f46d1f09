"""Webhooks: what changes is told to who asked for it, signed, in order, and at least once.

The feed of changes is the outbox. A subscription keeps the number of the last change that its receiver has taken
(``delivered_seq``), so a change that was committed is delivered whatever becomes of the process in between, and with
the same message id however often. No transaction is open while anything is sent.
"""
