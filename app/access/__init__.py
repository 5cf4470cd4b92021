"""Who may call what, and how often: a declaration and a caller go in, a decision comes out.

Read in this order: requirements, declaration, decision; then grants and lookups for what is known of the
caller, and quota for how often.
"""
