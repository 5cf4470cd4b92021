"""Name what a tool, prompt or resource requires and no role of the seed file has: nobody could use it locally.

`make dev` runs it as a process of its own, `python -m infra.local.unheld_grants`, after it loaded the function:
it imports all tools, and a process can import changed code only once.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.seed.load import SEED_FILE, load_seed
from infra.local.seed.rows import Role
from infra.operator.provisioning.catalogue import CatalogueUnreadable, RequiredGrants, read_required_grants

if TYPE_CHECKING:
    from infra.local.gateway.program import Program

_REPOSITORY = Path(__file__).parents[2]
_SEED = "infra/local/seed.toml"
_TRUE = ("true", "1", "yes", "on")
_NICENESS = 10
"""The function serves its first requests meanwhile."""


def find_unheld(required: RequiredGrants, roles: Sequence[Role]) -> Iterator[str]:
    """One sentence for each permission that no role has, and for each role that there is not."""
    held = {permission for role in roles for permission in role.permissions}
    for slug, users in _without(required.permissions, held):
        yield f"{users} the permission {slug}, which no role in {_SEED} has"
    for slug, users in _without(required.roles, {role.slug for role in roles}):
        yield f"{users} the role {slug}, which {_SEED} does not have"


def _without(required: Mapping[str, Sequence[str]], there: set[str]) -> Iterator[tuple[str, str]]:
    for slug, users in required.items():
        if slug not in there:
            yield slug, f"{', '.join(users)} {'requires' if len(users) == 1 else 'require'}"


async def tell_unheld(program: "Program", say: Callable[[str], None], seed_file: Path = SEED_FILE) -> None:
    """Say what is unheld, for the code as it is now. If the code cannot be read, the function has said it."""
    variables = {**program.process_variables, "SEED_FILE": str(seed_file)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.local.unheld_grants"),
        cwd=_REPOSITORY,
        env=variables,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    for line in output.decode(errors="replace").splitlines():
        say(f"  warning {line}")


def main() -> int:
    os.nice(_NICENESS)
    try:
        required = read_required_grants(examples=os.environ.get("SERVE_EXAMPLES", "").lower() in _TRUE)
    except CatalogueUnreadable:
        return 1
    for sentence in find_unheld(required, load_seed().roles):
        print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main())
