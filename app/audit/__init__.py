"""The audit of a call: what its record may show, its metrics, and its event in WorkOS's Audit Logs.

Read in this order: caller, arguments, printable, trace, metrics; then event and log, for what leaves for WorkOS.
The record itself, one line in the log, is app/audit/record.py.
"""
