"""Everything around the function: the local stack, deployment and the operator's commands.

`app/` never imports it.
"""
