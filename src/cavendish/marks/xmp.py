"""XMP that says how a picture came about, added to what its engine wrote of it.

Sources: IPTC Photo Metadata Standard 2025.1 (Digital Source Type, AI System Used, AI System Version Used); ISO 16684-1,
7 (serialisation of RDF) for several descriptions of one resource.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from cavendish.marks.origin import Origin

_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_BASIC = "http://ns.adobe.com/xap/1.0/"
_OWN = "urn:cavendish:marks:1"
_END = re.compile(rb"</[A-Za-z_][\w.-]*:RDF\s*>")
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">{description}</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def packet(origin: Origin, existing: bytes | None = None) -> bytes:
    """A whole packet in UTF-8; what is there stays, and what it says already is not said again."""
    if existing is None:
        return _PACKET.format(rdf=_RDF, description=_description(origin, b"")).encode()
    ends = list(_END.finditer(existing))
    if not ends:  # no RDF that anybody could read: kept, for it is the engine's
        return existing
    at = ends[-1].start()
    return existing[:at] + _description(origin, existing).encode() + existing[at:]


def _description(origin: Origin, existing: bytes) -> str:
    said = {
        "Iptc4xmpExt:DigitalSourceType": origin.source_type,
        "Iptc4xmpExt:AISystemUsed": origin.engine,
        "Iptc4xmpExt:AISystemVersionUsed": origin.engine_model,
        "xmp:CreatorTool": f"Cavendish {origin.version}",
        "xmp:CreateDate": origin.when,
        "cavendish:Verify": origin.verify_url,
    }
    if origin.algorithmic:
        del said["Iptc4xmpExt:AISystemUsed"], said["Iptc4xmpExt:AISystemVersionUsed"]
    told = " ".join(
        f"{name}={quoteattr(value)}"
        for name, value in said.items()
        if value and name.partition(":")[2].encode() not in existing
    )
    return (
        f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about="" xmlns:Iptc4xmpExt="{_IPTC}" xmlns:xmp="{_BASIC}"'
        f' xmlns:cavendish="{_OWN}" {told}/>'
    )
