"""Changes of light, focus and finish on a whole picture, and the table of all operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageColor, ImageEnhance, ImageFilter, ImageOps

from cavendish_sketch.canvas.field import Dice, Plane, ease
from cavendish_sketch.edit import drawn, fit, media, painterly, printed, weather

Operator = Callable[[Image.Image, Dice], Image.Image]
Curve = Sequence[tuple[float, float]]  # points from (0, 0-1) to (1, 0-1)

WARM: tuple[Curve, Curve, Curve] = (
    ((0, 0.02), (0.5, 0.56), (1, 1)),
    ((0, 0.01), (0.5, 0.51), (1, 0.98)),
    ((0, 0), (0.5, 0.42), (1, 0.86)),
)
COOL: tuple[Curve, Curve, Curve] = (
    ((0, 0), (0.5, 0.43), (1, 0.90)),
    ((0, 0.01), (0.5, 0.50), (1, 0.98)),
    ((0, 0.03), (0.5, 0.57), (1, 1)),
)
FADED: tuple[Curve, Curve, Curve] = (
    ((0, 0.09), (0.25, 0.27), (0.75, 0.82), (1, 0.97)),
    ((0, 0.07), (0.25, 0.25), (0.75, 0.76), (1, 0.93)),
    ((0, 0.14), (0.25, 0.30), (0.75, 0.66), (1, 0.80)),
)
NIGHT: tuple[Curve, Curve, Curve] = (
    ((0, 0), (0.5, 0.13), (0.85, 0.40), (1, 0.86)),
    ((0, 0.01), (0.5, 0.20), (0.85, 0.50), (1, 0.88)),
    ((0, 0.045), (0.5, 0.37), (0.85, 0.66), (1, 0.92)),
)
MIDNIGHT = ("#3a4870", "#6d80ae", "#b4c2e0")  # of a sky, from its top; multiplied with the night curves
EVENING = ("#8a6aa8", "#f08a86", "#ffc47e", "#ffdca0")
LENS_PIXELS = 1_100_000
DENOISE_PIXELS = 4_300_000
DIM_NIGHT: tuple[Curve, Curve, Curve] = (
    ((0, 0), (0.5, 0.36), (1, 0.92)),
    ((0, 0), (0.5, 0.40), (1, 0.92)),
    ((0, 0.03), (0.5, 0.52), (1, 0.96)),
)
S_CURVE: Curve = ((0, 0), (0.25, 0.18), (0.5, 0.5), (0.75, 0.83), (1, 1))
SOFT_CURVE: Curve = ((0, 0.12), (0.5, 0.5), (1, 0.88))
HARD_S_CURVE: Curve = ((0, 0), (0.22, 0.06), (0.5, 0.46), (0.75, 0.90), (1, 1))


def _curved(image: Image.Image, *curves: Curve) -> Image.Image:
    """One curve for all channels, or one for each."""
    place = np.linspace(0, 1, 256)
    points = [np.array(curve) for curve in curves]
    tables = [np.interp(place, point[:, 0], point[:, 1]) * 255 + 0.5 for point in points]
    return image.point([int(value) for table in (tables * 3)[:3] for value in table])


def _bright(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, ((0, 0.02), (0.25, 0.36), (0.5, 0.64), (0.75, 0.86), (1, 1)))


def _dark(image: Image.Image, dice: Dice) -> Image.Image:
    return _vignetted(_curved(image, ((0, 0), (0.25, 0.14), (0.5, 0.33), (0.75, 0.58), (1, 0.92))), 0.25)


def _contrast(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageEnhance.Color(_curved(image, S_CURVE)).enhance(1.06)


def _soften(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, SOFT_CURVE)


def _vivid(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageEnhance.Color(_curved(image, ((0, 0), (0.25, 0.22), (0.75, 0.79), (1, 1)))).enhance(1.5)


def _muted(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(ImageEnhance.Color(image).enhance(0.5), ((0, 0.07), (0.5, 0.52), (1, 0.94)))


def _warm(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, *WARM)


def _cool(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, *COOL)


def _golden(image: Image.Image, dice: Dice) -> Image.Image:
    """Evening: a warm grade, a coloured sky where there is one, and light that floods in from where the sun stands."""
    sky = _sky(image)
    graded = _curved(_curved(image, *WARM), ((0, 0), (0.3, 0.22), (0.7, 0.66), (1, 0.97)))
    if sky.any():
        evening = ImageChops.multiply(graded, _sky_colours(sky, image.size, EVENING))
        graded.paste(Image.blend(graded, evening, 0.92), mask=media.grey_picture(sky, image.size))
    flood = _radial(image.size, _sun_place(sky, dice), 0.85)
    tint = ImageOps.colorize(flood, black="black", mid="#7c2e08", white="#ffb052")
    # Where hardly any light is, a flood of it would be a fire.
    tint = ImageEnhance.Brightness(tint).enhance(min(1.0, _mean(image) / 95))
    return _vignetted(ImageChops.screen(graded, tint), 0.18)


def _night(image: Image.Image, dice: Dice) -> Image.Image:
    """Moonlight: dark and blue, the sky darker than what stands before it, lamps still warm."""
    dim = ImageEnhance.Color(image).enhance(0.66)
    night, sky = _curved(dim, *NIGHT), _sky(image)
    mask = media.grey_picture(sky, image.size)
    if sky.any():
        dark = ImageChops.multiply(_curved(image, *NIGHT), _sky_colours(sky, image.size, MIDNIGHT))
        night.paste(dark, mask=mask)
    night = ImageChops.screen(night, _lamps(image, mask))
    # What was taken at night already only needs the colour of it.
    day = max(0.0, min(1.0, (_mean(image) - 40) / 60))
    return _vignetted(Image.blend(_curved(dim, *DIM_NIGHT), night, day), 0.40)


def _sky(image: Image.Image) -> Plane:
    """The sky, to the very edge: a bright seam around dark roofs would give the trick away."""
    return ease(0.08, 0.55, fit.sky(image))


def _lamps(image: Image.Image, sky: Image.Image) -> Image.Image:
    """The glow of what is bright and warm outside of the sky."""
    red, _, blue = image.split()
    lit = ImageChops.subtract(red, blue).point(lambda value: min(255, max(0, value - 22) * 4))
    lit = ImageChops.multiply(lit, red.point(lambda value: max(0, value - 196) * 4))
    lit = ImageChops.multiply(lit, ImageOps.invert(sky))
    glow = ImageChops.lighter(lit.point(lambda value: value * 0.6), _blurred(lit, 0.014))
    return ImageOps.colorize(glow, black="black", mid="#6e4312", white="#ffd591")


def _sky_colours(sky: Plane, size: tuple[int, int], colours: Sequence[str]) -> Image.Image:
    """A gradient from the top to where the sky ends."""
    rows = np.flatnonzero(sky.mean(1) > 0.06)
    end = (rows[-1] + 1) / len(sky) if len(rows) else 1.0
    stops = [ImageColor.getrgb(colour)[:3] for colour in colours]
    place = np.clip(np.linspace(0, 1, 128) / end, 0, 1)
    marks = np.linspace(0, 1, len(stops))
    column = np.stack([np.interp(place, marks, [stop[channel] for stop in stops]) for channel in range(3)], 1)
    return Image.fromarray(column.astype(np.uint8)[:, None]).resize(size, Image.Resampling.BICUBIC)


def _sun_place(sky: Plane, dice: Dice) -> tuple[float, float]:
    """Low over the horizon where the sky is open; an upper corner where there is none."""
    if not sky.any():
        return dice.pick((0.12, 0.88)), 0.05
    open_ = np.convolve(sky.mean(0), np.ones(max(1, sky.shape[1] // 6)), "same")
    column = int(open_.argmax())
    rows = np.flatnonzero(sky[:, column] > 0.5)
    return (column + 0.5) / sky.shape[1], float(rows[-1] / len(sky) * 0.92) if len(rows) else 0.3


def _dreamy(image: Image.Image, dice: Dice) -> Image.Image:
    """A sharp picture under a bright blurred one, as two slides laid on each other."""
    haze = _blurred(image, 0.014)
    return Image.blend(image, _curved(ImageChops.screen(image, haze), ((0, 0), (0.5, 0.38), (1, 0.98))), 0.72)


def _blur(image: Image.Image, dice: Dice) -> Image.Image:
    return _blurred(image, 0.012)


def _bokeh(image: Image.Image, dice: Dice) -> Image.Image:
    """What is probably meant stays sharp; the rest blurs as behind a fast lens, more with distance from it."""
    sharp = media.grey_picture(fit.subject(image), image.size)
    near = ImageChops.lighter(sharp, _blurred(sharp, 0.035).point(lambda value: min(255, value * 1.3)))
    far = _lens_blurred(image, 0.017)
    result = Image.composite(_lens_blurred(image, 0.006), far, near)
    result.paste(image, mask=sharp.point(lambda value: max(0, min(255, (value - 70) * 2))))
    return result


def _lens_blurred(image: Image.Image, share: float) -> Image.Image:
    """A disc of light for each point: blurred in linear light, so that lamps become discs instead of fading."""
    small = media.work_copy(image, LENS_PIXELS)
    linear = small.point([round(255 * (value / 255) ** 2.2) for value in range(256)] * 3)
    radius = share * _unit(small)
    # Three shifted boxes approach a disc better than a Gaussian and cost less.
    soft = linear.filter(ImageFilter.BoxBlur(radius * 0.75))
    soft = soft.filter(ImageFilter.BoxBlur(radius * 0.45))
    back = soft.point([round(255 * (value / 255) ** (1 / 2.2)) for value in range(256)] * 3)
    return back.resize(image.size, Image.Resampling.BICUBIC)


def _denoise(image: Image.Image, dice: Dice) -> Image.Image:
    """Colour specks melt away, brightness keeps its edges."""
    small = media.work_copy(image, DENOISE_PIXELS)
    tone = np.asarray(ImageOps.grayscale(small), np.float32) * np.float32(1 / 255)
    reach = max(1, round(0.0028 * _unit(small)))
    calm = media.guided(tone, tone, min(reach, (min(tone.shape) - 1) // 2 or 1), 0.0035)
    colours = [channel.filter(ImageFilter.BoxBlur(reach)) for channel in small.convert("YCbCr").split()[1:]]
    clean = Image.merge("YCbCr", (media.grey_picture(calm, small.size), *colours)).convert("RGB")
    return clean if clean.size == image.size else clean.resize(image.size, Image.Resampling.BICUBIC)


def _sharpen(image: Image.Image, dice: Dice) -> Image.Image:
    """Fine edges by differences from a small blur, and local contrast, which is what reads as clear at a distance."""
    fine = ImageEnhance.Sharpness(image).enhance(1.7) if _unit(image) < 1200 else _crisp(image, 0.0010, 1.9)
    return Image.blend(_blurred(fine, 0.02), fine, 1.18)


def _crisp(image: Image.Image, share: float, gain: float) -> Image.Image:
    return Image.blend(_blurred(image, share), image, gain)


def _enhance(image: Image.Image, dice: Dice) -> Image.Image:
    """What a photographer does first: tones over the whole range, livelier colours, clearer forms."""
    spread = Image.blend(image, ImageOps.autocontrast(image, cutoff=0.5, preserve_tone=True), 0.75)
    lively = ImageEnhance.Color(spread).enhance(1.14)
    lively = _curved(lively, ((0, 0), (0.25, 0.25), (0.6, 0.63), (1, 1)))
    return _crisp(Image.blend(_blurred(lively, 0.03), lively, 1.10), 0.0010, 1.45)


def _monochrome(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(ImageOps.grayscale(image).convert("RGB"), ((0, 0), (0.25, 0.21), (0.75, 0.80), (1, 1)))


def _film_noir(image: Image.Image, dice: Dice) -> Image.Image:
    return _grain(_vignetted(_curved(ImageOps.grayscale(image).convert("RGB"), HARD_S_CURVE), 0.55), dice)


def _sepia(image: Image.Image, dice: Dice) -> Image.Image:
    toned = ImageOps.colorize(ImageOps.grayscale(image), black="#160c06", mid="#8f6c48", white="#fff3da")
    return _vignetted(toned, 0.30)


def _vintage(image: Image.Image, dice: Dice) -> Image.Image:
    return _grain(_vignetted(_curved(ImageEnhance.Color(image).enhance(0.82), *FADED), 0.32), dice)


def _negative(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageOps.invert(image)


def _vignette(image: Image.Image, dice: Dice) -> Image.Image:
    return _vignetted(image, 0.60)


def _grain(image: Image.Image, dice: Dice) -> Image.Image:
    return media.textured(image, media.film_grain(dice), 0.10)


def _frame(image: Image.Image, dice: Dice) -> Image.Image:
    """Smaller, on white card with a thin shadow line; the lower margin a little wider, as framers cut it."""
    margin = round(min(image.size) * 0.06)
    card = Image.new("RGB", image.size, (250, 249, 246))
    inside = image.width - 2 * margin, image.height - round(2.3 * margin)
    card.paste((214, 211, 205), (margin - 2, margin - 2, margin + inside[0] + 2, margin + inside[1] + 2))
    card.paste(ImageOps.fit(image, inside, Image.Resampling.BICUBIC), (margin, margin))
    return card


def _mirror(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageOps.mirror(image)


def _upside_down(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageOps.flip(image)


def _half_turn(image: Image.Image, dice: Dice) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_180)


def _quarter_left(image: Image.Image, dice: Dice) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


def _quarter(image: Image.Image, dice: Dice) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_270)


def _mean(image: Image.Image) -> float:
    """Brightness, 0 to 255."""
    return float(np.asarray(fit.map_copy(image)).mean())


def _unit(image: Image.Image) -> float:
    return math.sqrt(image.width * image.height)


def _blurred(image: Image.Image, share: float) -> Image.Image:
    """Gaussian blur by a share of the picture's size, computed small where it is wide."""
    radius = share * _unit(image)
    shrink = max(1, int(radius / 3))
    small = image.reduce(shrink) if shrink > 1 else image
    small = small.filter(ImageFilter.GaussianBlur(radius / shrink))
    return small.resize(image.size, Image.Resampling.BICUBIC) if shrink > 1 else small


def _vignetted(image: Image.Image, strength: float) -> Image.Image:
    fall = _radial(image.size, (0.5, 0.5), 1.0).point(lambda value: 255 * (1 - strength) + value * strength)
    return ImageChops.multiply(image, Image.merge("RGB", (fall,) * 3))


def _radial(size: tuple[int, int], centre: tuple[float, float], reach: float) -> Image.Image:
    """White at a point, smoothly black at `reach` half-diagonals from it."""
    y, x = np.mgrid[0:96, 0:96] / 95
    away = np.hypot(x - centre[0], y - centre[1]) * math.sqrt(2) / reach
    fall = np.cos(np.clip(away * 0.8, 0, 1) * math.pi) * 0.5 + 0.5
    small = Image.fromarray((fall * 255).astype(np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


OPERATORS: dict[str, Operator] = {
    "mirror": _mirror,
    "upsidedown": _upside_down,
    "halfturn": _half_turn,
    "quarterleft": _quarter_left,
    "quarter": _quarter,
    "denoise": _denoise,
    "sharpen": _sharpen,
    "enhance": _enhance,
    "night": _night,
    "golden": _golden,
    "warm": _warm,
    "cool": _cool,
    "bright": _bright,
    "dark": _dark,
    "contrast": _contrast,
    "soften": _soften,
    "vivid": _vivid,
    "muted": _muted,
    "rain": weather.rain,
    "snow": weather.snow,
    "fog": weather.fog,
    "petals": weather.petals,
    "leaves": weather.leaves,
    "stars": weather.stars,
    "bokeh": _bokeh,
    "blur": _blur,
    "dreamy": _dreamy,
    "watercolour": painterly.watercolour,
    "oil": painterly.oil,
    "pencil": drawn.pencil,
    "crayon": drawn.crayon,
    "ink": drawn.ink,
    "cartoon": printed.cartoon,
    "pixel": printed.pixel,
    "poster": printed.poster,
    "halftone": printed.halftone,
    "neon": printed.neon,
    "duotone": printed.duotone,
    "mosaic": printed.mosaic,
    "monochrome": _monochrome,
    "filmnoir": _film_noir,
    "sepia": _sepia,
    "vintage": _vintage,
    "negative": _negative,
    "vignette": _vignette,
    "grain": _grain,
    "frame": _frame,
}
