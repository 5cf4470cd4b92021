"""Run the whole stack locally: `python -m infra.local.dev`, until Ctrl-C."""

import http.client
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from infra.local.authkit import StateError
from infra.local.durable import WORKER_FUNCTION, WorkServer, create_work_server
from infra.local.env_file import EnvFileError, read_env_file
from infra.local.function_settings import function_settings, ignored, work_settings
from infra.local.gateway import AfterStart, Gateway, create_gateway
from infra.local.jwt_template import read_template
from infra.local.loopback import LoopbackServer, PortTaken
from infra.local.ports import InvalidPort, Ports, read_ports
from infra.local.request_state_key import keep_request_state_key
from infra.local.seed.load import SEED_FILE, SeedError, load_seed
from infra.local.seed.rows import Seed
from infra.local.start_page import Addresses, render_start_page, write_note
from infra.local.template_language import TemplateError
from infra.local.terminal import say
from infra.local.unheld_grants import tell_unheld
from infra.local.workos import create_workos
from infra.local.workos_api_choice import InvalidWorkOSApi, WorkOSApi, choose_workos_api, half_a_choice

_REPOSITORY = Path(__file__).parents[2]
_CODE = (_REPOSITORY / "app", _REPOSITORY / "examples")
_STATE = _REPOSITORY / ".local"
_ENVIRONMENT_STAMP = Path(sys.prefix) / "dev.stamp"
"""make writes it after it installed a changed lock: from then on packages that were missing are there."""
_SWITCH = {"": False, "0": False, "false": False, "1": True, "true": True}


class InvalidSwitch(Exception):
    """A variable that must be on or off has another value; the message names it and the fix."""


def main(state_dir: Path = _STATE, env_file: Path = _REPOSITORY / ".env") -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        ports = read_ports(os.environ)
        # Each port has its own state: two stacks of one checkout do not share keys and clients.
        run(ports, load_seed(), os.environ, env_file, state_dir / str(ports.authkit))
    except KeyboardInterrupt:
        return 0
    except (
        EnvFileError,
        InvalidPort,
        InvalidSwitch,
        InvalidWorkOSApi,
        PortTaken,
        SeedError,
        StateError,
        TemplateError,
    ) as error:
        print(error, file=sys.stderr)
        return 1


def run(ports: Ports, seed: Seed, shell: Mapping[str, str], env_file: Path, state_dir: Path) -> NoReturn:
    """Serve until a KeyboardInterrupt; `env_file` is `.env`, read again whenever it changes.

    Raises:
        EnvFileError: if `.env` has an invalid line.
        InvalidSwitch: if CIMD is neither on nor off.
        InvalidWorkOSApi: if the shell names another WorkOS API with a wrong address or key.
        PortTaken: if one of the ports is in use; then nothing keeps running.
        TemplateError: if WorkOS would refuse the JWT template.
    """
    template = read_template(seed.template_claims, shell)
    authkit_url = f"http://127.0.0.1:{ports.authkit}"
    api = choose_workos_api(shell, WorkOSApi(authkit_url, seed.environment.api_key, is_stand_in=True))
    if half := half_a_choice(shell):
        say(half)
    addresses = Addresses(
        f"http://127.0.0.1:{ports.gateway}",
        authkit_url,
        ports.token_command,
        takes_documents=_is_on("CIMD", shell),
        other_api_url=None if api.is_stand_in else api.url,
    )
    key, note = keep_request_state_key(state_dir), write_note(seed)
    work = create_work_server(state_dir / "work", watch=_CODE, say=say)
    work_server = LoopbackServer(work)

    def read_variables() -> Mapping[str, str]:
        own = read_env_file(env_file)
        if names := ignored(own):
            say(f".env: {', '.join(names)} not used: the local stack has its own")
        variables = function_settings(
            addresses.base_url, addresses.authkit_url, seed.environment, key, shell, own=own, api=api, note=note
        )
        variables |= work_settings(WORKER_FUNCTION, work_server.url)
        work.use(variables)
        return variables

    # Another WorkOS API has roles of its own.
    after_start = partial(tell_unheld, say=say) if api.is_stand_in else None
    gateway = _make_gateway(shell, read_variables, env_file, after_start)
    workos = create_workos(
        seed,
        issuer=addresses.authkit_url,
        state_dir=state_dir,
        resources=(addresses.mcp_url,),
        template=template,
        advertise_cimd=addresses.takes_documents,
        say=say,
    )
    # Both ports are taken before anything starts on either.
    servers = [work_server, _listen(workos, "AUTHKIT_PORT", ports), _listen(gateway, "PORT", ports)]
    try:
        for server in servers:
            server.start()
        _welcome(ports, addresses, seed, shell)
        while True:
            signal.pause()
    finally:
        _end(gateway, work, servers)


def _is_on(name: str, shell: Mapping[str, str]) -> bool:
    value = shell.get(name, "")
    if value.lower() not in _SWITCH:
        raise InvalidSwitch(f"{name} is {value!r}; set {name}=1, or leave it out")
    return _SWITCH[value.lower()]


def _end(gateway: Gateway, work: WorkServer, servers: Sequence[LoopbackServer]) -> None:
    # Connections that end now are not worth a traceback.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    # The servers wait for open requests. Ending the function first keeps a slow tool from delaying them.
    gateway.close()
    work.close()
    with ThreadPoolExecutor() as pool:
        list(pool.map(LoopbackServer.stop, servers))


def _make_gateway(
    shell: Mapping[str, str],
    read_variables: Callable[[], Mapping[str, str]],
    env_file: Path,
    after_start: AfterStart | None,
) -> Gateway:
    def read_again() -> Mapping[str, str] | None:
        try:
            return read_variables()
        except EnvFileError as error:
            say(f"{error}; until then the function goes on with what it had before")
            return None

    return create_gateway(
        read_variables(),
        rename_challenge=shell.get("REMAP_CHALLENGE") != "0",
        watch=_CODE,
        files={env_file: read_again, SEED_FILE: _tell_of_seed, _ENVIRONMENT_STAMP: read_again},
        say=say,
        raw_log=shell.get("LOG") == "json",
        after_start=after_start,
    )


def _tell_of_seed() -> None:
    say(f"{SEED_FILE.name} has changed: end this with Ctrl-C and run make dev again, then its people are known")


def _listen(app: object, variable: str, ports: Ports) -> LoopbackServer:
    try:
        return LoopbackServer(app, ports.gateway if variable == "PORT" else ports.authkit)
    except PortTaken as error:
        raise PortTaken(f"{error}; {ports.fix(variable)}") from error


def _welcome(ports: Ports, addresses: Addresses, seed: Seed, shell: Mapping[str, str]) -> None:
    _get(ports.authkit, "/.well-known/oauth-authorization-server")
    status = _get(ports.gateway, "/healthz")
    colour = sys.stdout.isatty() and not shell.get("NO_COLOR")
    say(render_start_page(addresses, seed, colour=colour) + "\n")
    if status != 200:
        say(f"The function answers {status}: the reason is above the page; a saved fix is loaded at once.\n")


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    # A second Ctrl-C must not interrupt the shutdown that the first one started.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
