"""Elements of XML become records; nothing in a document reaches out of it, or makes it larger than it is."""

from __future__ import annotations

from typing import Any

import pytest
from flat_reviews import SOURCE, contract
from formats_written import as_xml, found_by
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews.contracts import parse
from reviews.errors import ContractError
from reviews.record_formats import Xml
from reviews.splitter import task, xml_elements


def found_in(text: str | bytes, chunk: int = 1 << 20) -> list[Any]:
    """Records as objects, and the pieces that are none."""
    request = task.Request(
        0, "", "none", "utf-8", "xml", "json", None, format="xml", xml=Xml(("reviews", "review"))
    )
    return found_by(request, text if isinstance(text, bytes) else text.encode(), chunk)


def test_attributes_children_lists_and_text_have_their_places() -> None:
    text = """<reviews xmlns="urn:a" xmlns:x="urn:b"><note>not a record</note>
      <review id="1" x:id="2"><x:item kind="lamp">L&amp;1</x:item><tag>a</tag><tag>b</tag><empty/>
        <by><name>Ida</name></by><msg><![CDATA[<b>bright</b>]]> &#228;</msg></review>
      <review>text</review></reviews>"""
    assert found_in(text) == found_in(text, chunk=3)
    assert found_in(text) == [
        {
            "@id": ["1", "2"],
            "item": {"@kind": "lamp", "#text": "L&1"},
            "tag": ["a", "b"],
            "by": {"name": "Ida"},
            "msg": "<b>bright</b> ä",
        },
        {"#text": "text"},
    ]


cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


@given(st.lists(st.fixed_dictionaries({"a": cells, "b": cells}), max_size=8), st.integers(1, 40))
@settings(deadline=None)
def test_what_the_standard_library_writes_reads_back_equal(rows: list[dict[str, str]], chunk: int) -> None:
    expected = [{name: cell for name, cell in row.items() if cell} for row in rows]
    read = found_in(as_xml(rows), chunk)
    assert [{name: cell for name, cell in row.items() if name != "#text"} for row in read] == expected


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
REFUSED = {
    "entities in entities": f"<!DOCTYPE reviews [{BOMB}]><reviews><review>&e11;</review></reviews>",
    "an external entity": (
        '<!DOCTYPE reviews [<!ENTITY e SYSTEM "file:///etc/passwd">]><reviews><review>&e;</review></reviews>'
    ),
    "an external document type": '<!DOCTYPE reviews SYSTEM "http://127.0.0.1:9/x.dtd"><reviews/>',
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_type_is_refused(name: str) -> None:
    [refused] = found_in(REFUSED[name])
    assert refused.problem == "MALFORMED_RECORD"
    assert "it has a document type" in refused.detail


def test_an_entity_that_no_one_declared_is_no_xml() -> None:
    [refused] = found_in("<reviews><review>&nbsp;</review></reviews>")
    assert "line 1 is none (undefined entity)" in refused.detail


def test_a_document_is_read_up_to_where_it_is_none() -> None:
    one, refused = found_in("<reviews>\n<review><a>1</a></review>\n<review><a>2</review>\n</reviews>")
    assert one == {"a": "1"}
    assert (refused.problem, refused.detail) == (
        "MALFORMED_RECORD",
        "looked for XML; line 3 is none (mismatched tag); nothing is read from there on",
    )


def test_a_cut_document_is_truncated_and_keeps_its_whole_records() -> None:
    one, cut = found_in("<reviews><review><a>1</a></review><review><a>2</a>")
    assert one == {"a": "1"}
    assert cut.problem == "TRUNCATED"


def test_another_root_is_no_empty_file() -> None:
    [refused] = found_in("<feed><review/></feed>")
    assert refused.detail == "looked for elements at reviews/review; the root has another name"
    assert found_in("<reviews/>") == []


def test_what_is_larger_than_a_record_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_elements, "MAX_RECORD_BYTES", 1000)
    monkeypatch.setattr(xml_elements, "_FEED_BYTES", 100)
    large = "<review><a>" + "x" * 5000 + "</a></review>"
    found = found_in(f"<reviews><review><a>1</a></review>{large}<review><a>2</a></review></reviews>")
    assert [found[0], found[2]] == [{"a": "1"}, {"a": "2"}]
    assert found[1].problem == "TOO_LARGE"
    [refused] = found_in(f"<reviews><!--{'x' * 5000}--></reviews>")
    assert "a tag or a comment is larger" in refused.detail


def test_elements_nested_without_end_are_refused() -> None:
    [refused] = found_in("<reviews><review>" + "<a>" * 2000)
    assert "nested deeper than" in refused.detail


@pytest.mark.parametrize("wrong", [None, {"record": ["review"]}, {"record": "review"}, {"path": ["a", "b"]}])
def test_a_contract_without_a_path_is_refused(wrong: Any) -> None:
    settings = {} if wrong is None else {"xml": wrong}
    with pytest.raises(ContractError, match=r"needs xml\.record"):
        parse(contract("xml", **settings), SOURCE)
