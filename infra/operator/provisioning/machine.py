"""A machine application (client credentials), on request, with a secret that is shown or written once."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TextIO
from urllib.parse import quote

from infra.operator.finding import failed, passed, skipped
from infra.operator.provisioning.plan import Change, Item
from infra.operator.report import printable
from infra.operator.workos_api import ApiRefused, WorkOSApi

_PATH = "/connect/applications"
Show = Callable[[str], None]
MakeSecret = Callable[[], Awaitable[str]]


class SecretNotKept(ApiRefused):
    """The file of the secret cannot be written. WorkOS was not asked for one."""

    is_about_all = False


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where the secret goes: to a new file, or to the terminal. Never into the report, which may be a log."""

    file: str
    show: Show | None
    """None if there is no terminal."""

    @property
    def problem(self) -> str:
        """Why the secret could not be handed over; empty if it can."""
        if self.file:
            return f"{self.file} exists already" if Path(self.file).expanduser().exists() else ""
        return "" if self.show else "there is no terminal to show its secret on"

    async def fill(self, client_id: str, make: MakeSecret) -> None:
        """Have a secret made and hand it over. The file is opened first, so that no secret is lost.

        Raises:
            ApiRefused: if the file cannot be written (SecretNotKept), or WorkOS makes no secret.
        """
        if not self.file:
            secret = await make()
            if self.show:
                self.show(f"WORKOS_M2M_CLIENT_ID={client_id}\nWORKOS_M2M_CLIENT_SECRET={secret}")
            return
        with self._open() as file:
            try:
                file.write(f"{await make()}\n")
            except ApiRefused:
                os.unlink(file.name)
                raise

    def _open(self) -> TextIO:
        path = os.path.expanduser(self.file)
        try:
            # Only its owner may read it from the beginning, and no file or link of this name is written through.
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            why = f"{printable(path)} cannot be made: {error.strerror}"
            raise SecretNotKept(why, "set SECRET_FILE to the name of a new file") from None
        return open(path, "w", encoding="utf-8", opener=lambda _path, _flags: number)


@dataclass(frozen=True, slots=True)
class MachineStep:
    application: str
    """Its name in WorkOS; empty if none was asked for."""
    organization_id: str
    place: SecretPlace
    name: str = "machine"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        if not self.application:
            return [skipped(self.name, "MACHINE= names no machine application")]
        if not self.organization_id:
            why = f"{printable(self.application)} needs an organisation: its tokens act for that one"
            return [failed(self.name, why, "set ORG=org_..., from the dashboard, Organizations")]
        rows = await api.list_all(_PATH, organization_id=self.organization_id)
        # An application of another kind may have the same name: it is somebody else's.
        found = [
            row for row in rows if (row.get("name"), row.get("application_type")) == (self.application, "m2m")
        ]
        there = _Application.read(found[0]) if found else None
        if there and await api.list_unpaged(there.secrets_path):
            text = f"= {printable(self.application)} is {printable(there.client_id)} and has a secret"
            return [passed(self.name, text)]
        if self.place.problem:
            fix = "set SECRET_FILE to the name of a new file, which only you can read then"
            return [failed(self.name, f"{printable(self.application)}: {self.place.problem}", fix)]
        to = f"to {self.place.file}" if self.place.file else "to the terminal, once"
        what = f"{'a secret for' if there else 'machine application'} {printable(self.application)}"
        return [Change(f"+ {what}; the secret goes {to}", partial(self._make, api, there))]

    async def _make(self, api: WorkOSApi, there: "_Application | None") -> str:
        application = there or await self._create(api)
        await self.place.fill(application.client_id, partial(_create_secret, api, application))
        return f"WORKOS_M2M_CLIENT_ID={printable(application.client_id)}"

    async def _create(self, api: WorkOSApi) -> "_Application":
        wanted = {"name": self.application, "organization_id": self.organization_id}
        return _Application.read(await api.send("POST", _PATH, {"application_type": "m2m", **wanted}))


@dataclass(frozen=True, slots=True)
class _Application:
    id: str
    client_id: str

    @classmethod
    def read(cls, row: Mapping[str, object]) -> Self:
        return cls(str(row.get("id")), str(row.get("client_id")))

    @property
    def secrets_path(self) -> str:
        return f"{_PATH}/{quote(self.id, safe='')}/client_secrets"


async def _create_secret(api: WorkOSApi, application: _Application) -> str:
    secret = (await api.send("POST", application.secrets_path, {})).get("secret")
    if not isinstance(secret, str) or not secret:
        raise SecretNotKept("WorkOS made a secret and did not show it", "make another one in the dashboard")
    return secret
