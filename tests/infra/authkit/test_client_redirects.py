"""The redirect URIs of the clients that cannot run here: docs/clients.md names them."""

import re

import pytest

from tests.blocks import ROOT
from tests.infra.authkit.rig import AuthKit, first_form, sent_back

SECTION = ROOT.joinpath("docs/clients.md").read_text().partition("\n## Redirect URIs\n")[2].partition("\n## ")[0]
ROWS = {
    client: re.findall(r"`(\S+://\S+)`", uris)
    for client, uris in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", SECTION, re.MULTILINE)
}
CLIENTS = [client for client, uris in ROWS.items() if uris]


def test_the_page_names_a_redirect_uri_for_every_client_that_has_a_fixed_one() -> None:
    assert {"Claude, web and desktop", "Claude Code", "Cursor", "VS Code", "MCP Inspector"} <= set(CLIENTS)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_registers_all_its_redirect_uris_and_is_led_back_to_each(authkit: AuthKit, client: str) -> None:
    authkit.new_client(redirect_uris=ROWS[client])

    for uri in ROWS[client]:
        transaction = authkit.transaction(redirect_uri=uri)
        authkit.choose_user(transaction)
        page = authkit.http.get("/login/consent", params={"transaction": transaction}).text
        action, fields = first_form(page)
        assert "code" in sent_back(authkit.http.post(action, data=dict(fields)), to=uri)
