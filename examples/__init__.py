"""Tools, prompts and resources that show what a server can offer: to read, to try, and to copy from.

`make dev` and the tests serve them beside those of app/; a deployment only if `make deploy EXAMPLES=1` built it.
"""
