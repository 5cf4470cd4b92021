"""How many calls a user and an organisation have, over all environments of the function together.

Read in this order: rules (who has how many), quota (one call), table (where all environments count), answers.
"""
