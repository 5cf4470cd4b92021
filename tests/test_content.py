"""What tools, prompts and resources return beside text and models: authors' words in, the protocol's out."""

from datetime import datetime
from typing import Any

import pytest

from app.authoring import UI, Annotations, Audio, Content, ContentError, Embedded, Icon, Image, Link, Result, Text
from app.protocol.catalogue.definition import CatalogueError
from tests.catalogues.content import tools
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Rig

pytestmark = pytest.mark.matrix("version")

PNG = "iVBORw0KGgogYW5kIG1vcmU="


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(tools=tools)


CONTENT: dict[str, list[dict[str, Any]]] = {
    "text": [
        {
            "type": "text",
            "text": "Hello",
            "annotations": {
                "audience": ["user", "assistant"],
                "priority": 1.0,
                "lastModified": "2026-11-23T09:30:00Z",
            },
            "_meta": {"example.com/a": 1},
        }
    ],
    "image": [{"type": "image", "data": PNG, "mimeType": "image/png", "annotations": {"audience": ["user"]}}],
    "audio": [{"type": "audio", "data": "AAAA", "mimeType": "audio/aac"}],
    "embedded": [
        {"type": "resource", "resource": {"uri": "report://1", "mimeType": "text/csv", "text": "a,b"}},
        {
            "type": "resource",
            "resource": {"uri": "report://2", "mimeType": "application/octet-stream", "blob": "AP8="},
            "annotations": {"lastModified": "2026-11-23T00:00:00+01:00"},
        },
    ],
    "link": [
        {
            "type": "resource_link",
            "uri": "report://3",
            "name": "third",
            "title": "The third",
            "description": "A report",
            "mimeType": "text/csv",
            "size": 12,
            "icons": [
                {"src": "https://example.com/i.png"},
                {
                    "src": "https://example.com/i.svg",
                    "mimeType": "image/svg+xml",
                    "sizes": ["any"],
                    "theme": "dark",
                },
            ],
            "annotations": {"priority": 0.5},
        }
    ],
    "mixed": [
        {"type": "text", "text": "a"},
        {"type": "image", "data": PNG, "mimeType": "image/png"},
        {"type": "text", "text": '{\n  "day": "2026-11-23",\n  "share": 0.5\n}'},
        {"type": "image", "data": PNG, "mimeType": "image/png"},
        {"type": "text", "text": "b"},
    ],
}


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("tool", CONTENT)
def test_every_kind_of_content_is_on_the_wire_as_the_protocol_has_it(tool: str, version: str, rig: Rig) -> None:
    result = rig.call(tool, version=version)

    assert result["content"] == CONTENT[tool]
    assert not result.get("isError")
    assert "structuredContent" not in result


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_that_returns_content_has_no_output_schema_and_one_that_returns_data_has(
    version: str, rig: Rig
) -> None:
    tools = {tool["name"]: tool for tool in rig.exchange("tools/list", version=version).json["result"]["tools"]}

    with_schema = {name for name, tool in tools.items() if "outputSchema" in tool}
    assert with_schema == {"both", "data_alone", "described", "undeclared"}
    assert set(tools["both"]["outputSchema"]["properties"]) == {"day", "share"}


@pytest.mark.parametrize("version", ERAS)
def test_data_and_content_go_together_in_a_result(version: str, rig: Rig) -> None:
    result = rig.call("both", version=version)

    assert result["structuredContent"] == {"day": "2026-11-23", "share": 0.5}
    assert [part["type"] for part in result["content"]] == ["text", "image"]
    assert result["_meta"]["example.com/view"] == "half"


@pytest.mark.parametrize("version", ERAS)
def test_without_content_of_its_own_a_result_tells_its_data_as_text(version: str, rig: Rig) -> None:
    result = rig.call("data_alone", version=version)

    assert result["structuredContent"] == {"result": [{"day": "2026-11-23", "share": 0.5}]}
    assert '"share": 0.5' in result["content"][0]["text"]
    assert "example.com/view" not in result.get("_meta", {})


@pytest.mark.parametrize("version", ERAS)
def test_a_result_without_data_is_content_with_metadata(version: str, rig: Rig) -> None:
    result = rig.call("content_alone", version=version)

    assert result["content"] == [{"type": "text", "text": "Only this."}]
    assert result["_meta"]["example.com/view"] == 1
    assert "structuredContent" not in result


def test_content_may_be_left_out(rig: Rig) -> None:
    assert rig.call("perhaps", {"shown": True})["content"][0]["type"] == "image"
    assert rig.call("perhaps", {"shown": False})["content"] == []


@pytest.mark.parametrize("kind", ["image", "images", "result"])
def test_content_that_the_return_type_does_not_say_is_an_error_in_the_log(kind: str, rig: Rig, log: Log) -> None:
    result = rig.call("undeclared", {"kind": kind})

    assert result["isError"] is True
    assert "which its return type does not say" in log("tool raised")[0]["exception"]


def test_a_tool_without_a_return_type_may_return_content_or_data(rig: Rig) -> None:
    assert rig.call("unsaid", {"kind": "image"})["content"] == CONTENT["mixed"][1:2]
    assert rig.call("unsaid", {"kind": "data"})["content"] == [{"type": "text", "text": '{\n  "a": 1\n}'}]
    assert rig.call("unsaid", {"kind": "result"})["isError"] is True


def test_content_of_no_kind_is_an_error_in_the_log(rig: Rig, log: Log) -> None:
    assert rig.call("odd")["isError"] is True
    assert "Content is of no kind; give Text, Image, Audio" in log("tool raised")[0]["exception"]


@pytest.mark.parametrize("version", ERAS)
def test_data_that_is_no_base64_is_told_without_repeating_it(version: str, rig: Rig, log: Log) -> None:
    result = rig.call("wrong_data", {"data": "<script>"}, version=version)

    said = "The tool failed: data is text but not base64; give the bytes themselves, or padded base64"
    assert (result["isError"], result["content"][0]["text"]) == (True, said)
    assert "<script>" not in str(log())
    assert log("tool raised")[0]["exception_name"] == "ContentError"


@pytest.mark.parametrize("kind", ["image", "text"])
def test_content_that_no_answer_could_hold_is_refused_with_what_to_do(kind: str, rig: Rig) -> None:
    result = rig.call("large", {"kind": kind})

    assert result["isError"] is True
    assert "larger than 4.5 MB, and an answer holds 6 MB in all; make it smaller" in result["content"][0]["text"]


UNFIT_ICONS = [
    "https://",
    "https:///i.png",
    "https://?",
    'https://"><script>',
    "https://x/y z",
    "https://x/'",
    "https://x/<",
    "https://x@y/",
    "https://x\n",
    "data:image/",
    'data:image/svg+xml,<svg a="b"/>',
]
RESULT = """
from app.authoring import Image
from app.authoring import Result
from app.authoring import tool

@tool()
async def one() -> {hint}:
    \"\"\"O.\"\"\"
"""


@pytest.mark.parametrize("hint", ["Result", "Result[int] | str", "list[Result[int]]"])
def test_a_result_that_does_not_name_its_data_stops_the_start(hint: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match="a Result stands alone and names the type of its data; write"):
        Rig(tools=write(one=RESULT.format(hint=hint)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Text("a", audience="model"), '^audience is "user", "assistant" or both'),  # type: ignore[arg-type]
        (lambda: Text("a", priority=2), "^priority is a number from 0 to 1"),
        (lambda: Annotations(last_modified=datetime(2026, 1, 1)), "^last_modified has no time zone"),  # noqa: DTZ001
        (lambda: Image(b"??"), '^the data does not tell its type; give it as mime_type="image/svg'),
        (lambda: Audio(b"ID"), '^the data does not tell its type; give it as mime_type="audio/aac"'),
        (lambda: Image(b"??", "png"), '^mime_type is not a MIME type of this content; write "image/png"'),
        (lambda: Image(b"??", "audio/wav"), '^mime_type is not a MIME type of this content; write "image/png"'),
        (lambda: Audio(b"??", "image/png"), '^mime_type is not a MIME type of this content; write "audio/wav"'),
        (lambda: Image("AA=\n", "image/png"), "^data is text but not base64"),
        (lambda: Image("ä", "image/png"), "^data is text but not base64"),
        (lambda: Image("A" * 6_100_000, "image/png"), "^This content is larger than 4.5 MB"),
        (lambda: Embedded("no uri", "a"), '^uri is not a URI; write "report://2026"'),
        (
            lambda: Embedded("x://y", "a", "text"),
            '^mime_type is not a MIME type of this content; write "text/markd',
        ),
        (lambda: Image(b"??", 'image/png; a="\r\n\0<script>"'), "^mime_type is not a MIME type"),
        (lambda: Image(b"??", "image/png;\r\n a=b"), "^mime_type is not a MIME type"),
        (lambda: Link("x:", "a"), "^uri is not a URI"),
        (lambda: Link("javascript:alert(1)", "a"), "^uri is a script or a page of its own"),
        (lambda: Link("VBScript:x", "a"), "^uri is a script or a page of its own"),
        (lambda: Link("data:text/html,x", "a"), "^uri is a script or a page of its own"),
        (lambda: Link("data:image/svg+xml;base64,x", "a"), "^uri is a script or a page of its own"),
        (lambda: Embedded("javascript:alert(1)", "a"), "^uri is a script or a page of its own"),
        (lambda: Link("x://y", "a", mime_type="?"), "^mime_type is not a MIME type"),
        (lambda: Link("x://y", "a", icons=["http://x/y.png"]), "^an icon's src begins with"),
        (lambda: Icon("javascript:alert(1)"), "^an icon's src begins with"),
        (lambda: Icon("data:text/html,x"), "^an icon's src begins with"),
        *((lambda src=src: Icon(src), "^an icon's src begins with") for src in UNFIT_ICONS),
        (lambda: Icon("https://x/y", "text/plain"), '^mime_type is not a MIME type of this content; write "image'),
        (lambda: Link("x://y", "a", icons="https://x/y.png"), "^icons is a list; write icons="),
        (lambda: Text("a", meta={"": 1}), "^meta has a key that is not yours"),
        (lambda: Text("a", meta={"io.modelcontextprotocol/x": 1}), "^meta has a key that is not yours"),
        (lambda: Text("a", meta={"tools.mcp.example/x": 1}), "^meta has a key that is not yours"),
        (lambda: Result(1, meta={"ui": {}}), '^meta has a key that is not yours to use; write "example.com/name"'),
        (lambda: UI(connect="https://a.example"), r'^connect is a list of origins; write connect=\["https'),
        (lambda: UI(load=["https://a.example/path"]), "^load is a list of origins"),
        (lambda: UI(frame=["http://a.example"]), "^frame is a list of origins"),
        (lambda: UI(base=["a.example"]), "^base is a list of origins"),
        (lambda: UI(permissions=["usb"]), "^permissions is a list of camera, microphone"),  # type: ignore[list-item]
    ],
)
def test_what_cannot_be_sent_is_refused_where_it_is_written(make: Any, said: str) -> None:
    with pytest.raises(ContentError, match=said):
        make()


@pytest.mark.parametrize(
    "src",
    ["https://x", "https://[::1]:8443/i.png?a=b#c", "https://a.example/i(1).svg", "data:image/svg+xml,%3Csvg/%3E"],
)
def test_an_icon_is_at_any_https_address_or_in_the_address(src: str) -> None:
    assert Icon(src).src == src


@pytest.mark.parametrize("uri", ["data:text/plain,a", "javascripts:x", "https://a.example/javascript:x"])
def test_a_link_leads_anywhere_else(uri: str) -> None:
    assert Link(uri, "a").uri == uri


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"OggS\x00", "audio/ogg"),
        (b"fLaC\x00", "audio/flac"),
    ],
)
def test_usual_images_and_sound_tell_their_type_themselves(first: bytes, told: str) -> None:
    made: Image | Audio = Image(first) if told.startswith("image") else Audio(first)

    assert made.mime_type == told


def test_content_is_compared_by_value_so_that_a_test_of_a_tool_is_one_line() -> None:
    assert Image(b"GIF89a") == Image(b"GIF89a")
    assert Content() != Text("a")
    assert Text("a", meta={"example.com/x": 1, "plain": 2}).meta == {"example.com/x": 1, "plain": 2}


@pytest.mark.parametrize("mime_type", ["image/svg+xml", "image/svg+xml; charset=utf-8", 'image/png;a="b c"'])
def test_mime_types_may_have_parameters(mime_type: str) -> None:
    assert Image(b"<svg/>", mime_type).mime_type == mime_type


def test_text_is_sent_as_it_is_in_a_modern_answer(rig: Rig) -> None:
    assert rig.exchange("tools/call", {"name": "text"}, version=MODERN).json["result"]["resultType"] == "complete"
