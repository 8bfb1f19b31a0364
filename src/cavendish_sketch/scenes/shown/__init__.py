"""What of a brief its picture shows: the rest of it is left out before anything is drawn.

So two briefs that come to the same here are the same picture, and a word that changes nothing here changes no pixel;
`notes` tells by that which words counted. What is kept stands for a decision of the scene, in one form whatever led to
it: "futuristic" is dropped where neon alone has made the city one of the future.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cavendish_sketch.language.brief import Brief, Scene
from cavendish_sketch.scenes.shown import elsewhere, indoors, outdoors, together

SHOWN: Mapping[Scene, Callable[[Brief], Brief]] = {
    "abstract": elsewhere.abstract,
    "city": outdoors.city,
    "garden": outdoors.garden,
    "interior": indoors.interior,
    "landscape": outdoors.landscape,
    "logo": indoors.logo,
    "pond": outdoors.pond,
    "portrait": indoors.portrait,
    "skyline": outdoors.skyline,
    "space": elsewhere.space,
    "studio": indoors.studio,
    "table": indoors.table,
    "underwater": elsewhere.underwater,
}


def of(brief: Brief) -> Brief:
    """The brief that is drawn. Of one that is already so, the same."""
    return SHOWN[brief.scene](together.joined(brief))
