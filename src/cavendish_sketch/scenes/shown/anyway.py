"""What a picture has without being asked: a word that names it is not missed, though nothing changes without it."""

from __future__ import annotations

from collections.abc import Mapping

from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.language.brief import Brief, Scene
from cavendish_sketch.language.findings import Finding
from cavendish_sketch.language.tables import attribute_words
from cavendish_sketch.language.wordlists import each
from cavendish_sketch.nature import skies
from cavendish_sketch.scenes import garden, interior, space, table, underwater
from cavendish_sketch.scenes.garden import flowers
from cavendish_sketch.scenes.shown.keeping import UNDER_THE_SKY, everything

# Tags, and figures as code points or `!` and a name, that every picture of a scene has.
OF_SCENES: Mapping[Scene, frozenset[str]] = {
    "city": each("scene:skyline"),
    "garden": each("scene:pond trait:lilies") | {f"!{prop}" for prop in garden.ITS_OWN} | {flowers.FOUNTAIN_DRAWING},
    "interior": interior.OWN,
    "pond": each("scene:garden trait:lilies view:top !koi"),
    "skyline": each("scene:city"),
    "space": each("time:night weather:stars trait:galaxy") | set(space.SKY_DRAWINGS),
    "underwater": each("ground:sea !koi") | underwater.REEF_DRAWINGS,
}
OF_GROUNDS: Mapping[str, frozenset[str]] = {"alps": each("trait:mountains"), "snow": each("trait:snowy")}
OF_LAKES = each("trait:lake trait:river scene:pond")


def has(picture: Brief, finding: Finding) -> bool:
    """The picture, reduced to what it shows, has all that a word means, as far as that can be told."""
    if finding.role == "count":
        return any(subject.count == finding.count for subject in everything(picture))
    if finding.role == "material":
        is_likeness = finding.tokens[0].folded in attribute_words.LIKENESSES
        return any(s.material == finding.material or (is_likeness and s.material) for s in everything(picture))
    if finding.role != "meaning":
        return False
    there = _there(picture)
    figure = {finding.figure} if finding.figure else set()
    return {*finding.meaning.tags, *figure} <= there


def _there(picture: Brief) -> set[str]:
    """Everything that can be said of a picture, as tags and figures."""
    there = {
        f"scene:{picture.scene}",
        f"time:{picture.time}",
        f"style:{picture.style}",
        f"surface:{picture.surface}",
        *(f"weather:{weather}" for weather in picture.weather),
        *(f"trait:{trait}" for trait in picture.traits),
        *(subject.drawing or f"!{subject.prop}" for subject in everything(picture)),
        *OF_SCENES.get(picture.scene, ()),
    }
    if any(subject.drawing in table.HOT for subject in picture.subjects):
        there.add("trait:steam")
    if picture.time == "neon":
        there.add("time:night")
    if picture.scene in ("landscape", "portrait"):
        there |= {f"ground:{picture.ground}", *OF_GROUNDS.get(picture.ground, ())}
    if picture.scene == "landscape" and "lake" in picture.traits:
        there |= OF_LAKES
    if picture.scene in UNDER_THE_SKY and PALETTES[picture.time].night < skies.MOON_NIGHT:
        there.add("trait:sun")
    return there
