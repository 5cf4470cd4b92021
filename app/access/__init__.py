"""Who may call what, and how often: a rule and a caller go in, a decision comes out.

Read the files in this order:

1. requirements: what a decorator can require; declaration: one rule from it.
2. decision: whether a caller meets a rule, and what a denied caller reads.
3. grants: what the caller holds; lookups and cache: what WorkOS knows about it.
4. quota, with quota_rules and quota_table: how many calls a caller has left.
"""
