"""Everything around the function: the local stack and the operator's commands. Never imported by app/."""
