"""Pictures: what an e-reader is sent of them."""

import io

import pytest
from PIL import Image

from kindlechat.site.pictures import GREYS, MAX_WIDTH, to_grey_png
from tests.site.conftest import png

ORIENTATION = 0x0112  # of EXIF


def greys(data):
    with Image.open(io.BytesIO(data)) as picture:
        return {colour for _, colour in picture.convert("L").getcolors()}


def encoded(picture, form="PNG"):
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def test_a_gradient_has_16_greys_and_is_dithered():
    gradient = Image.linear_gradient("L").resize((256, 256))
    data, width, height = to_grey_png(encoded(gradient))
    assert (width, height) == (256, 256)
    assert greys(data) == {round(step * 255 / (GREYS - 1)) for step in range(GREYS)}
    with Image.open(io.BytesIO(data)) as picture:
        rows = [len(set(picture.crop((0, y, 256, y + 1)).tobytes())) for y in range(256)]
    assert max(rows) > 1, "a row of one grey between two steps is made of both"


def test_a_wide_picture_is_made_as_wide_as_the_text():
    assert to_grey_png(png(2 * MAX_WIDTH, 100))[1:] == (MAX_WIDTH, 50)
    assert to_grey_png(png(10_000, 1))[1:] == (MAX_WIDTH, 1)
    assert to_grey_png(png(10, 10))[1:] == (10, 10)


def test_what_is_clear_becomes_white():
    assert greys(to_grey_png(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))[0]) == {255}


def test_a_photo_stands_as_its_camera_was_held():
    photo, sideways = Image.new("RGB", (30, 10)), Image.Exif()
    sideways[ORIENTATION] = 6
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=sideways)
    assert to_grey_png(out.getvalue())[1:] == (10, 30)


def test_a_grey_of_16_bits_stays_that_grey():
    deep = Image.new("I;16", (4, 4), 0x8888)
    assert greys(to_grey_png(encoded(deep))[0]) == {0x88}


@pytest.mark.parametrize("form", ["JPEG", "GIF", "WEBP"])
def test_other_kinds_of_pictures_will_do(form):
    data = to_grey_png(encoded(Image.new("RGB", (8, 8), "black"), form))[0]
    assert data.startswith(b"\x89PNG")


def test_the_same_picture_gives_the_same_bytes():
    noise = encoded(Image.effect_noise((64, 64), 90))
    assert to_grey_png(noise) == to_grey_png(noise)


@pytest.mark.parametrize("data", [b"", b"<svg/>", png()[:40]])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ValueError, match="expected a picture"):
        to_grey_png(data)
