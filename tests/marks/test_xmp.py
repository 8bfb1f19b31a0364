"""XMP says how a picture came about, beside what its engine wrote, and is read by an independent parser."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ElementTree

import pytest
from pictures import ORIGIN

from cavendish.marks import xmp
from cavendish.models import Mode

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GOOGLE = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 photoshop:Credit="Made with Google AI" Iptc4xmpExt:DigitalSourceType="by Google"/></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def _said(packet: bytes) -> dict[str, list[str]]:
    """All properties of all descriptions."""
    found: dict[str, list[str]] = {}
    for description in ElementTree.fromstring(packet).iter(f"{RDF}Description"):
        for name, value in description.attrib.items():
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("mode", "algorithmic", "term"),
    [
        (Mode.GENERATE, False, "trainedAlgorithmicMedia"),
        (Mode.GENERATE, True, "algorithmicMedia"),
        (Mode.EDIT, False, "compositeWithTrainedAlgorithmicMedia"),
        (Mode.EDIT, True, "compositeSynthetic"),
    ],
)
def test_the_source_type_is_iptcs_term(mode: Mode, algorithmic: bool, term: str) -> None:
    said = _said(xmp.packet(dataclasses.replace(ORIGIN, mode=mode, algorithmic=algorithmic)))

    assert said[f"{IPTC}DigitalSourceType"] == [TYPES + term]
    assert (f"{IPTC}AISystemUsed" in said) is not algorithmic


def test_it_tells_engine_time_and_where_to_have_it_looked_at() -> None:
    said = _said(xmp.packet(ORIGIN))

    assert said[f"{IPTC}AISystemUsed"] == ["gemini"]
    assert said[f"{IPTC}AISystemVersionUsed"] == ["gemini-3.1-flash-image"]
    assert said["{http://ns.adobe.com/xap/1.0/}CreateDate"] == ["2026-11-30T08:00:00Z"]
    assert said["{urn:cavendish:marks:1}Verify"] == ["https://pictures.example/verify"]


def test_what_the_engine_wrote_stays_and_is_not_said_twice() -> None:
    said = _said(xmp.packet(ORIGIN, GOOGLE))

    assert said["{http://ns.adobe.com/photoshop/1.0/}Credit"] == ["Made with Google AI"]
    assert said[f"{IPTC}DigitalSourceType"] == ["by Google"]
    assert said[f"{IPTC}AISystemUsed"] == ["gemini"]


def test_what_nobody_can_read_is_kept_as_it_is() -> None:
    assert xmp.packet(ORIGIN, b"no rdf at all") == b"no rdf at all"


def test_words_of_an_engine_cannot_break_out() -> None:
    said = _said(xmp.packet(dataclasses.replace(ORIGIN, engine_model="a\"/><evil & 'b'")))

    assert said[f"{IPTC}AISystemVersionUsed"] == ["a\"/><evil & 'b'"]
