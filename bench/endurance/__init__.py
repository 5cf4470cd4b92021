"""A long life of one warm environment: 100,000 mixed exchanges, each answer predicted, the memory watched.

Read in this order: expected, refusals, tokens, requests, bodies, answers, doors (the table of what is answered);
keys and grants (what an environment ought to remember); world, incidents, draw (what happens); predict, run,
memory, report, session.
"""
