"""How many environments a load needs, what it costs, what breaks first: the tables of docs/scaling.md."""
