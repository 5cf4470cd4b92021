"""The audit of a call: its line in the log, its metrics, and its event in WorkOS's Audit Logs.

Read in this order: arguments, record for line and metrics; event, outbox, audit_log for what goes to WorkOS.
"""
