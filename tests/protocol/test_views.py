"""MCP Apps: pages for tools' results, as hosts are told of them, and hidden with their tools."""

from typing import Any

import pytest

from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write
from tests.rig import ERAS, MODERN, Rig

HEAD = """from app.authoring import anyone, any_of, check, flag, machine, permission, scope
from app.authoring import UI
from app.authoring import tool
from app.authoring import resource

async def mine(number: int = 0) -> bool: return number == 1

"""
PAGE = "<!doctype html><title>Page</title>"
TYPE = "text/html;profile=mcp-app"
URI = "ui://reports/board"


def tool(name: str, decorator: str) -> str:
    return f'{HEAD}@tool({decorator})\nasync def {name}(number: int = 0) -> str:\n    """T."""\n    return "x"\n'


def page(more: str = "", uri: str = URI, parameters: str = "") -> str:
    function = f'async def board({parameters}) -> str:\n    """P."""\n    return "{PAGE}"\n'
    return f'{HEAD}@resource("{uri}"{more})\n{function}'


def serving(write: Write, tools: dict[str, str], pages: dict[str, str]) -> Rig:
    return Rig(
        tools=write(**{name: tool(name, decorator) for name, decorator in tools.items()}), resources=write(**pages)
    )


def listed(rig: Rig, method: str, version: str = MODERN, **claims: Any) -> list[dict[str, Any]]:
    result = rig.exchange(method, version=version, token=rig.issuer.token(**claims)).json["result"]
    (entries,) = (value for value in result.values() if isinstance(value, list))
    return list(entries)


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_names_its_page_and_the_page_says_what_it_may_reach(version: str, write: Write) -> None:
    ui = ", ui=UI(connect=['https://api.example', 'wss://*.example:1'], load=['https://cdn.example'], "
    ui += "frame=['https://video.example'], base=['https://base.example'], border=True, domain='d.example', "
    ui += "permissions=['camera', 'clipboard_write']), meta={'example.com/a': 1}, max_age=60"
    rig = serving(
        write,
        {
            "show": f'ui="{URI}", meta={{"example.com/b": 2}}',
            "refresh": f'ui="{URI}", visibility=["app"]',
            "plain": "",
        },
        {"board": page(ui)},
    )
    framed = {
        "csp": {
            "connectDomains": ["https://api.example", "wss://*.example:1"],
            "resourceDomains": ["https://cdn.example"],
            "frameDomains": ["https://video.example"],
            "baseUriDomains": ["https://base.example"],
        },
        "permissions": {"camera": {}, "clipboardWrite": {}},
        "domain": "d.example",
        "prefersBorder": True,
    }

    plain, refresh, show = listed(rig, "tools/list", version)
    (resource,) = listed(rig, "resources/list", version)
    read = rig.exchange("resources/read", {"uri": URI}, version=version).json["result"]

    assert show["_meta"] == {"example.com/b": 2, "ui": {"resourceUri": URI}}
    assert refresh["_meta"] == {"ui": {"resourceUri": URI, "visibility": ["app"]}}
    assert "_meta" not in plain
    assert (resource["uri"], resource["mimeType"]) == (URI, TYPE)
    assert resource["_meta"] == {"example.com/a": 1, "ui": framed}
    assert read["contents"] == [{"uri": URI, "mimeType": TYPE, "text": PAGE, "_meta": resource["_meta"]}]
    assert read.get("ttlMs") == (60_000 if version == MODERN else None)


def test_a_page_that_is_returned_in_parts_is_framed_all_the_same(write: Write) -> None:
    code = page(", ui=UI(connect=['https://api.example']), meta={'example.com/a': 1}").replace(
        f'return "{PAGE}"',
        f"""return [
        Embedded("{URI}", "{PAGE}", "text/html", meta={{"example.com/b": 2}}),
        Embedded("{URI}/data", "a,b", "text/csv"),
    ]""",
    )
    rig = serving(write, {"show": f'ui="{URI}"'}, {"board": code.replace("import UI", "import UI, Embedded")})

    own, other = rig.exchange("resources/read", {"uri": URI}).json["result"]["contents"]

    framed = {"csp": {"connectDomains": ["https://api.example"]}}
    meta = {"example.com/a": 1, "example.com/b": 2, "ui": framed}
    assert own == {"uri": URI, "mimeType": TYPE, "text": PAGE, "_meta": meta}
    assert other == {"uri": f"{URI}/data", "mimeType": "text/csv", "text": "a,b"}


def test_a_page_that_reaches_nothing_beyond_itself_says_nothing(write: Write) -> None:
    rig = serving(write, {"show": f'ui="{URI}"'}, {"board": page(f', mime_type="{TYPE}", ui=UI()')})

    (resource,) = listed(rig, "resources/list")
    assert "_meta" not in resource


def test_the_extension_is_declared_where_there_is_a_page_and_nowhere_else(write: Write) -> None:
    def extensions(rig: Rig) -> Any:
        return rig.exchange("server/discover").json["result"]["capabilities"].get("extensions")

    with_page = serving(write, {"show": f'ui="{URI}"'}, {"board": page()})
    without = serving(write, {"show": ""}, {"board": page(uri="report://board")})

    assert extensions(with_page) == {"io.modelcontextprotocol/ui": {}}
    assert extensions(without) is None


P, Q = 'requires=permission("p")', 'requires=permission("q")'


@pytest.mark.parametrize(
    ("name", "tools", "claims", "sees"),
    [
        ("nobody else may call it", {"a": P}, {}, False),
        ("who may call it", {"a": P}, {"permissions": ["p"]}, True),
        ("one of two", {"a": P, "b": Q}, {"permissions": ["q"]}, True),
        ("neither", {"a": P, "b": Q}, {"permissions": ["r"]}, False),
        ("open to all", {"a": P, "b": ""}, {}, True),
        ("a check that would fail", {"a": 'requires=check(mine, needs="it")'}, {}, True),
        ("a check beside a permission", {"a": 'requires=[permission("p"), check(mine, needs="it")]'}, {}, False),
        ("a scope that is missing", {"a": 'requires=scope("reports:write")'}, {}, True),
    ],
)
def test_a_page_is_hidden_with_its_tools(
    name: str, tools: dict[str, str], claims: dict[str, Any], sees: bool, write: Write
) -> None:
    declared = {tool: f'ui="{URI}", {requires}' for tool, requires in tools.items()}
    rig = serving(write, declared, {"board": page()})
    token = {"permissions": [], **claims}

    answer = rig.exchange("resources/read", {"uri": URI}, token=rig.issuer.token(**token))
    unknown = rig.exchange("resources/read", {"uri": "ui://nothing"}, token=rig.issuer.token(**token))

    assert [each["uri"] for each in listed(rig, "resources/list", **token)] == ([URI] if sees else [])
    assert (answer.status, unknown.status) == (200 if sees else 400, 400)
    assert sees or answer.json["error"]["message"] == unknown.json["error"]["message"]


def test_what_a_page_itself_requires_holds_as_well(write: Write) -> None:
    rig = serving(
        write, {"a": f'ui="{URI}", requires=permission("p")'}, {"board": page(', requires=permission("q")')}
    )

    assert listed(rig, "resources/list", permissions=["p"]) == []
    assert listed(rig, "resources/list", permissions=["q"]) == []
    assert len(listed(rig, "resources/list", permissions=["p", "q"])) == 1


def test_the_page_of_a_discoverable_tool_says_why_it_may_not_be_read(write: Write) -> None:
    decorator = f'ui="{URI}", requires=permission("p"), discoverable=True'
    rig = serving(write, {"a": decorator}, {"board": page()})

    answer = rig.exchange("resources/read", {"uri": URI}, token=rig.issuer.token(permissions=["q"]))

    assert len(listed(rig, "resources/list", permissions=["q"])) == 1
    assert "the permission p" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("decorator", "pages", "said"),
    [
        ('ui="ui://else"', {"board": page()}, r'a\.py: tool a is shown on "ui://else", which no'),
        ('ui="report://x"', {"board": page()}, r'a\.py: .*ui is the URI of a page; write ui="ui://r'),
        (f'ui="{URI}", visibility="app"', {"board": page()}, 'visibility is a list of "model" and "app"'),
        (f'ui="{URI}", visibility=["user"]', {"board": page()}, 'visibility is a list of "model" and "app"'),
        ('visibility=["app"]', {"board": page()}, "visibility is of tools that have a ui; name it, or leave"),
        ("", {"board": page(uri="ui://x/{a}", parameters="a: str")}, r"board\.py: resource board is a page w"),
        ("", {"board": page(', mime_type="text/html"')}, "a ui:// resource has the type"),
        ("", {"board": page(", ui=UI()", uri="x://y")}, 'ui is of resources whose URI begins with "ui://"'),
        (f'ui="{URI}", requires=machine()', {"board": page()}, r"board\.py: resource board is the page of"),
    ],
)
def test_a_page_that_no_host_could_show_stops_the_start(
    decorator: str, pages: dict[str, str], said: str, write: Write
) -> None:
    with pytest.raises(CatalogueError, match=said):
        serving(write, {"a": decorator}, pages)
