"""What every sketch says about itself in its file. The prompt is not among it.

Source: IPTC Photo Metadata 2025.1, Digital Source Type (a controlled vocabulary of URIs).
"""

from __future__ import annotations

SOFTWARE = "Cavendish sketch"
STATEMENT = "Procedural preview drawn by fixed algorithms; not made by an AI model."
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    f' Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"'
    f' xmp:CreatorTool="{SOFTWARE}"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


def texts(seed: int) -> dict[str, str]:
    """PNG text chunks."""
    return {"Software": SOFTWARE, "Description": STATEMENT, "Seed": str(seed)}
