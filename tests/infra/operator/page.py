"""Write docs/doctor.md from the doctor's output for broken set-ups: `python -m tests.infra.operator.page`."""

import contextlib
import io
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path

from infra.operator.doctor import main
from infra.operator.finding import Finding
from tests.blocks import ROOT
from tests.e2e.stack import Stack, running
from tests.infra.operator.broken_setups import SETUPS, Setup
from tests.infra.operator.minting import Minting
from tests.infra.operator.refused_tokens import SERVERS, TOKENS, Refused, explained
from tests.infra.operator.world import World, world

FILE = ROOT / "docs/doctor.md"
_PAGE = """\
# Doctor

`make doctor URL=https://mcp.example.com/mcp` finds out why a client cannot connect. If you give it more, it checks
more: with a token, why the server refuses that token; with a WorkOS API key, whether WorkOS has the resource
indicator; with `ORIGIN=`, whether a browser page of that origin may call. With `JSON=1` it prints JSON. It exits
with 1 if a check fails. It changes nothing, sends the token only to `URL`, and prints no part of the token. Give
it `TOKEN_AUDIENCE`, `WORKOS_CLIENT_ID`, `ALLOW_MACHINE_TOKENS` and `ALLOW_API_KEYS` with the values of the
function to get an exact explanation. Only with the last one it sends an API key (`sk_...`), and never your
`WORKOS_API_KEY`.

Keep the token and the API key out of the command line: other users of the machine can read it while it runs, and
the shell keeps it in its history. `TOKEN=-` asks for the token and does not show it, or reads it from a pipe
(`make -s token | make doctor URL=http://127.0.0.1:8000/mcp TOKEN=-`). `TOKEN_FILE=` names a file that has the
token. The doctor also reads the exported variable `TOKEN`. You can give `WORKOS_API_KEY` in the same ways, and the
secrets of the other commands too (`make smoke`, `make provision`, `make secrets`).

```sh
make doctor URL=https://mcp.example.com/mcp TOKEN=-
make doctor URL=https://mcp.example.com/mcp TOKEN_FILE=~/token.txt WORKOS_API_KEY_FILE=~/workos.key
```

This is what it prints for the local stack, if you give it an ID token in place of an access token:

```
{sample}
```

Decide yourself whether a warning matters to you: clients can log in nevertheless, or only one kind of client
cannot. The doctor prints its checks in the order in which a client comes to them, so repair the first FAIL first.

The tables below show what the doctor prints for set-ups of which each has one fault. The tests build each of these
set-ups and compare.

## Set-ups

| set-up | check | the doctor sees | and says |
|---|---|---|---|
{setups}

## Tokens

The check is `token`. The reason is the one in the log of the function: see [refusals.md](refusals.md).

| token | reason | the doctor sees | and says |
|---|---|---|---|
{tokens}
"""
# Values that differ from run to run, and what the page shows instead.
_SETTLED = [
    (r"after \d\.\d s", "after 0.1 s"),
    (r"expired \d+ s ago, at [-\d]+ [:\d]+\+00:00", "expired 600 s ago, at 2026-11-23 16:13:56+00:00"),
    (r"is 3(600|599|598) s ahead", "is 3600 s ahead"),
    (r"is -\d+ s from", "is -3600 s from"),
    (r"within \d+ s$", "within 1 s"),
]


def setup_row(setup: Setup, finding: Finding, broken: World) -> str:
    names = {broken.server.url: "https://mcp.example.com", broken.workos.url: "https://auth.example.com"}
    cells = [setup.name, f"`{finding.check}` {finding.status}", finding.seen, finding.fix]
    return _row(cells, names)


def token_row(case: Refused, finding: Finding, stack: Stack) -> str:
    return _row([case.name, f"`{finding.reason}`", finding.seen, finding.fix], _names(stack))


def sample(minting: Minting) -> str:
    """What `make doctor` prints for the local stack with an ID token."""
    printed = io.StringIO()
    stack = minting.stack
    environment = {"WORKOS_API_KEY": "sk_test_local", "WORKOS_BASE_URL": stack.authkit_url}
    with contextlib.redirect_stdout(printed):
        main({"URL": stack.mcp_url, "TOKEN": minting.id_token(), **environment}, [])
    return _settled(printed.getvalue().strip(), _names(stack))


def _names(stack: Stack) -> dict[str, str]:
    return {stack.base_url: "http://127.0.0.1:8000", stack.authkit_url: "http://127.0.0.1:8001"}


def _row(cells: list[str], names: dict[str, str]) -> str:
    return _settled(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |", names)


def _settled(text: str, names: dict[str, str]) -> str:
    for real, shown in names.items():
        text = text.replace(real, shown)
    for pattern, constant in _SETTLED:
        text = re.sub(pattern, constant, text, flags=re.MULTILINE)
    return text


def _setups() -> list[str]:
    rows = []
    for setup in SETUPS:
        with world() as broken:
            setup.breaks(broken)
            rows.append(setup_row(setup, broken.examine()[setup.check], broken))
    return rows


def make_page() -> str:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stacks:
        servers = {}
        for name, settings in SERVERS.items():
            state_dir = Path(folder, name)
            state_dir.mkdir()
            servers[name] = Minting(stacks.enter_context(running(state_dir, settings=settings)), state_dir)
        tokens = [
            token_row(case, explained(servers[case.server], case), servers[case.server].stack) for case in TOKENS
        ]
        shown = sample(servers["plain"])
    return _PAGE.format(sample=shown, setups="\n".join(_setups()), tokens="\n".join(tokens))


if __name__ == "__main__":
    FILE.write_text(make_page(), encoding="utf-8")
