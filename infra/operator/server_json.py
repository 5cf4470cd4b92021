"""`make server-json`: print the server.json by which the MCP registry lists this server.

Environment: URL, the MCP URL of a deployment; REGISTRY_NAME, which is NAME= of make, the server's name in the
registry if it does not follow from the URL's host; DESCRIPTION, if the one of app/identity.py is too long. Nothing
is sent anywhere. The shape is that of the registry's schema of 2025-12-11.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.authoring import Icon, Identity
from app.identity import IDENTITY
from infra.operator.address import AddressRefused, read_address

SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
MAX_TEXT_CHARACTERS = 100
"""Of title and description."""
MAX_NAME_CHARACTERS = 200
MAX_ICON_CHARACTERS = 255
"""Of an icon's address, which is a https URL here."""
_NAME = re.compile(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+")
_ICON_TYPES = {"image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"}
# Hosts that AWS gives away: nobody who deploys there can prove to the registry that the domain is theirs.
_BORROWED_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".cloudfront.net")


class NotPublishable(Exception):
    """The registry would refuse this server; the message names the setting or field, and the fix."""


def create_server_json(
    identity: Identity, url: str, *, name: str = "", description: str = ""
) -> dict[str, object]:
    """The members of server.json, for a server that others reach at `url`.

    Raises:
        NotPublishable: naming the first thing that the registry would refuse.
    """
    if not url.startswith("https://"):
        raise NotPublishable("URL must begin with https://: the registry lists servers that everybody reaches")
    document: dict[str, object] = {
        "$schema": SCHEMA,
        "name": name or _guess_name(identity, url),
        "title": identity.title,
        "description": description or identity.description or "",
        "version": identity.version,
        "remotes": [{"type": "streamable-http", "url": url}],
    }
    if identity.website_url:
        document["websiteUrl"] = identity.website_url
    if icons := [_describe(icon) for icon in identity.icons if isinstance(icon, Icon) and _is_listable(icon)]:
        document["icons"] = icons
    _check(document)
    return document


def _guess_name(identity: Identity, url: str) -> str:
    host = urlsplit(url).hostname or ""
    if host.endswith(_BORROWED_HOSTS):
        raise NotPublishable(
            f"NAME is not set, and {host} is AWS's; set NAME=io.github.OWNER/{identity.name}, or a domain of "
            f"yours in reverse order, such as NAME=com.example/{identity.name}"
        )
    return f"{'.'.join(reversed(host.split('.')))}/{identity.name}"


def _check(document: Mapping[str, object]) -> None:
    members = ("name", "title", "description", "version")
    name, title, description, version = (str(document[member]) for member in members)
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME_CHARACTERS:
        raise NotPublishable("NAME is a domain in reverse order, one / and a name, such as com.example/acme-tools")
    if len(title) > MAX_TEXT_CHARACTERS:
        raise NotPublishable(f"title in app/identity.py has {len(title)} characters; the registry takes 100")
    if not 0 < len(description) <= MAX_TEXT_CHARACTERS:
        raise NotPublishable(
            f"description in app/identity.py has {len(description)} characters, and the registry takes 1 to 100; "
            'shorten it, or set DESCRIPTION="..."'
        )
    if version == "latest" or re.search(r"(^|\.)[xX](\.|$)", version):
        raise NotPublishable('version in app/identity.py is one release, such as "1.4.0"')


def _is_listable(icon: Icon) -> bool:
    return icon.src.startswith("https://") and len(icon.src) <= MAX_ICON_CHARACTERS


def _describe(icon: Icon) -> dict[str, object]:
    sizes = [size for size in icon.sizes if re.fullmatch(r"\d+x\d+|any", size)]
    mime_type = icon.mime_type if icon.mime_type in _ICON_TYPES else None
    members = {"src": icon.src, "mimeType": mime_type, "sizes": sizes, "theme": icon.theme}
    return {member: value for member, value in members.items() if value}


def main(environment: Mapping[str, str], identity: Identity = IDENTITY) -> int:
    try:
        document = create_server_json(
            identity,
            read_address(environment.get("URL", "")).resource,
            name=environment.get("REGISTRY_NAME", ""),
            description=environment.get("DESCRIPTION", ""),
        )
    except (AddressRefused, NotPublishable) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(document, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
