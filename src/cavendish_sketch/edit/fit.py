"""Where things are in a photograph, as far as fixed rules can tell, and fitting it to a shape by that.

Maps are planes of 0 to 1 at most `MAP_SIDE` pixels long: a place is found, not an outline. `subject` and `sky` sharpen
such a map to the edges of the picture.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from cavendish_sketch.canvas.field import Plane, Planes, blurred, ease, resized
from cavendish_sketch.edit import media

Size = tuple[int, int]

MAP_SIDE = 160
EDGE_SIDE = 512  # of the map that `subject` and `sky` return
# A picture whose shape differs more than this from the asked one is shown whole over a mirrored blur of itself.
CROP_MAX = 1.5
CLOSER = 0.58  # of the picture's sides, for a closer view
FARTHER = 0.8  # of the sheet's sides, for a picture that is extended without another shape
STEPS = 24  # places tried for a crop along its free side
CENTRE_PULL = 0.05  # of the whole interest: what half a picture's distance from the usual place costs
USUAL_PLACE = 0.45  # a little above the middle: heads and horizons are there
# What the mirrored rest is blurred by, in shares of the picture's size, and where that begins and is complete, in
# shares of its sides: right beside the picture nothing is, and a whole picture away no form is left to be recognised.
MIRROR_BLURS = ((0.018, 0.0, 0.06), (0.065, 0.04, 0.32), (0.30, 0.45, 1.0))
MIRROR_SHADE = 0.93
COLOUR_BINS = 12  # a channel, for telling a subject's colours from the rest's
FACE = 0.15  # of a picture's longer side: about a head in a portrait
FACE_CLEAR = (0.46, 0.60)  # how much more skin a face has than its surroundings
FILL_SIDE = 17  # of a hole that is closed, in pixels of a map, at most
STEP_DOWN, STEP_ASIDE = 0.10, 0.05  # of brightness, between neighbours in a sky
GROWTH = 2  # steps of a few pixels of a map
SKY_SHARE_MIN = 0.04  # of the picture: less is a window or a gap


def covering(image: Image.Image, size: Size, *, closer: bool = False) -> Image.Image:
    """A picture of a size, cut to where most of the interest lies."""
    interest = saliency(image) ** 2  # a face counts for more than a wide coat
    width, height = _largest(image.size, size)
    if closer:
        width, height = max(1, round(width * CLOSER)), max(1, round(height * CLOSER))
    left = _best_place(interest.sum(0), width / image.width, 0.5) * image.width
    top = _best_place(interest.sum(1), height / image.height, USUAL_PLACE) * image.height
    box = left, top, min(left + width, image.width), min(top + height, image.height)
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)


def _largest(size: Size, shape: Size) -> tuple[float, float]:
    """Of the size at most, in the other's shape."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    return shape[0] * scale, shape[1] * scale


def _best_place(interest: Plane, share: float, usual: float) -> float:
    """Where a window of a share of the length should begin, as a share of the length."""
    if share >= 1:
        return 0.0
    sums = np.concatenate([[0.0], np.cumsum(interest, dtype=np.float64)]) / max(float(interest.sum()), 1e-9)
    marks = np.linspace(0, 1, len(sums))
    starts = np.linspace(0, 1 - share, STEPS + 1)
    held = np.interp(starts + share, marks, sums) - np.interp(starts, marks, sums)
    away = np.abs(starts / (1 - share) - usual)
    return float(starts[np.argmax(held - CENTRE_PULL * away)])


def whole(image: Image.Image, size: Size, *, share: float = 1.0) -> Image.Image:
    """The whole picture, continued by its own mirror image that loses itself in blur.

    `share` is how much of the free length it takes: below 1 it has surroundings on all sides.
    """
    scale = share * min(size[0] / image.width, size[1] / image.height)
    inside = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    picture = image.resize(inside, Image.Resampling.BICUBIC, reducing_gap=2.0)
    left, top = (size[0] - inside[0]) // 2, (size[1] - inside[1]) // 2
    mirrored = _mirrored(picture, size, left, top)
    away = _away(size, (left, top, left + inside[0], top + inside[1]))
    blurs = [_softened(mirrored, share * math.sqrt(inside[0] * inside[1])) for share, _, _ in MIRROR_BLURS]
    for blur, (_, start, end) in zip(blurs, MIRROR_BLURS, strict=True):
        blur = blur.point(lambda value, shade=MIRROR_SHADE if start else 1.0: value * shade)
        mirrored.paste(blur, mask=media.grey_picture(ease(start, end, away), size))
    mirrored.paste(picture, (left, top))
    return mirrored


def _mirrored(picture: Image.Image, size: Size, left: int, top: int) -> Image.Image:
    """The picture in the middle, its mirror images around it as far as they reach."""
    sheet = Image.new("RGB", size)
    across = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for column in range(-math.ceil(left / picture.width), math.ceil(left / picture.width) + 1):
        sheet.paste(across if column % 2 else picture, (left + column * picture.width, top))
    band = sheet.crop((0, top, size[0], top + picture.height))
    turned = band.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    for row in range(-math.ceil(top / picture.height), math.ceil(top / picture.height) + 1):
        if row:
            sheet.paste(turned if row % 2 else band, (0, top + row * picture.height))
    return sheet


def _softened(image: Image.Image, radius: float) -> Image.Image:
    """Blurred by a radius in pixels, computed small."""
    shrink = max(1, int(radius / 3))
    small = image.resize((max(1, image.width // shrink), max(1, image.height // shrink)), Image.Resampling.BOX)
    small = small.filter(ImageFilter.GaussianBlur(radius / shrink))
    return small.resize(image.size, Image.Resampling.BICUBIC)


def _away(size: Size, box: tuple[int, int, int, int]) -> Plane:
    """How far a place lies outside of a box, in shares of the box's own sides, at a small size."""
    columns, rows = (max(2, length // 8) for length in size)
    x = (np.arange(columns, dtype=np.float32)[None] + 0.5) * np.float32(size[0] / columns)
    y = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) * np.float32(size[1] / rows)
    across = np.maximum(box[0] - x, x - box[2]) * np.float32(1 / max(box[2] - box[0], 1))
    down = np.maximum(box[1] - y, y - box[3]) * np.float32(1 / max(box[3] - box[1], 1))
    away: Plane = np.clip(np.maximum(across, down), 0, 4)
    return away


def saliency(image: Image.Image, *, faces: bool = True) -> Plane:
    """How much a place draws the eye: its own colour, fine contrast, skin, and nearness to the middle."""
    planes = media.planes_of(_small(image, MAP_SIDE))
    tone = media.tone_of(planes)
    own = np.sqrt(((_soft(planes, 2.0) - planes.mean((1, 2), keepdims=True)) ** 2).sum(0))
    fine = blurred(np.abs(tone - blurred(tone, 4.0)), 3.0)
    red, green, blue = planes
    warm = (red > 0.35) & (red > green * 1.05) & (green > blue)
    skin = blurred((warm & (red - blue > red * 0.17) & (red - blue < red * 0.58)).astype(np.float32), 2.5)
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in tone.shape)
    middle = np.exp(-1.1 * (x[None] ** 2 + y[:, None] ** 2))
    total = (0.5 * _even(own) + 0.5 * _even(fine) + 0.25 * skin) * (0.35 + 0.65 * middle)
    return _even(_even(total) + _faces(skin)) if faces else _even(total)


def _faces(skin: Plane) -> Plane:
    """Where skin lies closest together is most likely a face; what is around it, hair above all, belongs to it."""
    rows, columns = skin.shape
    # A face ends somewhere: skin all around is wood or sand.
    whole = blurred(skin, 0.04 * max(skin.shape)) - blurred(skin, 0.16 * max(skin.shape))
    row, column = np.unravel_index(int(whole.argmax()), whole.shape)
    reach = FACE * max(skin.shape)
    down = (np.arange(rows, dtype=np.float32) - np.float32(row - 0.4 * reach)) / np.float32(reach)
    across = (np.arange(columns, dtype=np.float32) - np.float32(column)) / np.float32(reach)
    near: Plane = np.exp(-(down[:, None] ** 2) - across[None] ** 2)
    return near * ease(FACE_CLEAR[0], FACE_CLEAR[1], whole[row, column])


def _even(plane: Plane) -> Plane:
    even: Plane = plane * np.float32(1 / (float(plane.max()) + 1e-6))
    return even


def _soft(planes: Planes, radius: float) -> Planes:
    return np.stack([blurred(plane, radius) for plane in planes])


def map_copy(image: Image.Image) -> Image.Image:
    """The picture as small as the maps are."""
    return _small(image, MAP_SIDE)


def _small(image: Image.Image, side: int) -> Image.Image:
    """At least eight pixels a side: what is smaller has no places to tell apart."""
    scale = min(1.0, side / max(image.size))
    size = max(8, round(image.width * scale)), max(8, round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def unrest(image: Image.Image) -> Plane:
    """How much texture there is, whether it draws the eye or not; about 0.1 in leaves, 0 on a wall."""
    tone = media.tone_of(media.planes_of(_small(image, EDGE_SIDE)))
    return blurred(np.abs(tone - blurred(tone, 1.5)), 4.0)


def subject(image: Image.Image) -> Plane:
    """What is probably meant, to its edges: places that draw the eye, then whatever shares their colours."""
    small = _small(image, MAP_SIDE)
    place = saliency(image, faces=False)  # a face would leave its own shoulders in the blur
    bins = _bins(small)
    inside = ease(0.25, 0.75, _ranked(place))
    for _ in range(3):
        alike = _likelihood(bins, inside)
        inside = ease(0.30, 0.70, blurred(0.55 * alike + 0.45 * ease(0.2, 0.9, _ranked(place)), 1.5))
    return _sharpened(blurred(_filled(inside), 1.0), image, 0.0015)


def _filled(inside: Plane) -> Plane:
    """Without the holes that a badge on a coat would leave: wide dark places stay, small ones close."""
    mask = media.grey_picture(inside, (inside.shape[1], inside.shape[0]))
    closed = mask.filter(ImageFilter.MaxFilter(FILL_SIDE)).filter(ImageFilter.MinFilter(FILL_SIDE))
    filled: Plane = np.asarray(closed, np.float32) * np.float32(1 / 255)
    return filled


def _ranked(plane: Plane) -> Plane:
    """Each value's place among all, 0 to 1."""
    order = np.argsort(np.argsort(plane, axis=None, kind="stable"), kind="stable")
    return (order.reshape(plane.shape) * np.float32(1 / max(plane.size - 1, 1))).astype(np.float32)


def _bins(image: Image.Image) -> Plane:
    levels = np.asarray(image, np.int32) * COLOUR_BINS // 256
    place: Plane = (levels[..., 0] * COLOUR_BINS + levels[..., 1]) * COLOUR_BINS + levels[..., 2]
    return place


def _likelihood(bins: Plane, inside: Plane) -> Plane:
    """For each pixel, how often its colour is inside rather than outside."""
    count = COLOUR_BINS**3
    within = np.bincount(bins.ravel(), inside.ravel(), count)
    without = np.bincount(bins.ravel(), 1 - inside.ravel(), count)
    within, without = within / max(within.sum(), 1e-6), without / max(without.sum(), 1e-6)
    share = (within + 1e-6) / (within + without + 2e-6)
    likely: Plane = share[bins].astype(np.float32)
    return likely


def sky(image: Image.Image) -> Plane:
    """The sky to its edges: bright or blue, without texture, and open to the upper border; all 0 without one."""
    small = media.planes_of(_small(image, MAP_SIDE))
    # As if well exposed: by night the steps between sky and land are small.
    small = small * np.float32(min(4.0, max(1.0, 0.9 / max(float(np.quantile(media.tone_of(small), 0.98)), 0.05))))
    tone = media.tone_of(small)
    rough = blurred(media.steepness(tone, 1.0), 1.5)
    red, _, blue = small
    likely = (rough < 0.035) & ((tone > 0.55) | ((blue > red * 1.12) & (tone > 0.12))) & (blue > red * 0.80)
    found = _open_to_the_top(likely, tone)
    if found.mean() < SKY_SHARE_MIN:
        return np.zeros((8, 8), np.float32)
    return _sharpened(_grown(found, tone).astype(np.float32), image, 0.0004)


def _grown(found: Plane, tone: Plane) -> Plane:
    """Up to the edge of what stands before it, where texture had stopped the search."""
    for _ in range(GROWTH):
        weight = blurred(found.astype(np.float32), 1.1)
        around = blurred(tone * found, 1.1) / np.maximum(weight, np.float32(1e-3))
        found = found | ((weight > 0.02) & (np.abs(tone - around) < 0.08))
    return found


def _open_to_the_top(likely: Plane, tone: Plane) -> Plane:
    """Rows reached from above by small steps of brightness."""
    open_ = np.zeros(likely.shape, bool)
    down = np.abs(np.diff(tone, axis=0)) < STEP_DOWN
    aside = np.abs(np.diff(tone, axis=1)) < STEP_ASIDE
    above = np.ones(likely.shape[1], bool)
    for row in range(len(likely)):
        reached = above & down[row - 1] if row else above
        wide = reached.copy()
        wide[1:] |= reached[:-1] & aside[row]
        wide[:-1] |= reached[1:] & aside[row]
        above = likely[row] & wide
        open_[row] = above
    return open_


def _sharpened(plane: Plane, image: Image.Image, softness: float) -> Plane:
    guide = media.tone_of(media.planes_of(_small(image, EDGE_SIDE)))
    rough = resized(plane, guide.shape[1], guide.shape[0])
    reach = max(1, round(0.018 * max(guide.shape)))
    return np.clip(media.guided(rough, guide, min(reach, min(guide.shape) // 2), softness), 0, 1)
