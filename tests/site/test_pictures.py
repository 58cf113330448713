"""Pictures: what an e-reader is sent of them."""

import io

import pytest
from PIL import Image

from kindlechat.site.pictures import GREYS, MAX_WIDTH, to_grey
from kindlechat.site.ready_png import ready_size
from tests.cases import cases
from tests.site.conftest import png

ORIENTATION = 0x0112  # of EXIF


def greys(data):
    with Image.open(io.BytesIO(data)) as picture:
        return {colour for _, colour in picture.convert("L").getcolors()}


def encoded(picture, form="PNG"):
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def size(data):
    grey = to_grey(data)
    return grey.width, grey.height


def test_a_gradient_has_16_greys_and_is_dithered():
    gradient = Image.linear_gradient("L").resize((256, 256))
    grey = to_grey(encoded(gradient))
    data = grey.data
    assert (grey.width, grey.height, grey.suffix) == (256, 256, ".png")
    assert greys(data) == {round(step * 255 / (GREYS - 1)) for step in range(GREYS)}
    with Image.open(io.BytesIO(data)) as picture:
        rows = [len(set(picture.crop((0, y, 256, y + 1)).tobytes())) for y in range(256)]
    assert max(rows) > 1, "a row of one grey between two steps is made of both"


def test_a_wide_picture_is_made_as_wide_as_the_text():
    assert size(png(2 * MAX_WIDTH, 100)) == (MAX_WIDTH, 50)
    assert size(png(10_000, 1)) == (MAX_WIDTH, 1)
    assert size(png(10, 10)) == (10, 10)


def test_what_is_clear_becomes_white():
    assert greys(to_grey(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0)))).data) == {255}


def test_a_photo_stands_as_its_camera_was_held():
    photo, sideways = Image.new("RGB", (30, 10)), Image.Exif()
    sideways[ORIENTATION] = 6
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=sideways)
    assert size(out.getvalue()) == (10, 30)


def test_a_grey_of_16_bits_stays_that_grey():
    deep = Image.new("I;16", (4, 4), 0x8888)
    assert greys(to_grey(encoded(deep)).data) == {0x88}


@cases("form", ["JPEG", "GIF", "WEBP"])
def test_other_kinds_of_pictures_will_do(form):
    data = to_grey(encoded(Image.new("RGB", (8, 8), "black"), form)).data
    assert data.startswith(b"\x89PNG")


def test_the_same_picture_gives_the_same_bytes():
    noise = encoded(Image.effect_noise((64, 64), 90))
    assert to_grey(noise) == to_grey(noise)


@cases("data", [b"", b"<svg/>", png()[:40]])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ValueError, match="expected a picture"):
        to_grey(data)


def test_a_flat_area_is_one_grey_without_dots():
    flat = Image.new("L", (64, 64), 0x90)
    assert greys(to_grey(encoded(flat)).data) == {0x88}


def test_a_photo_is_a_jpeg_where_that_is_smaller():
    photo = Image.effect_noise((400, 300), 40).resize((800, 600), Image.Resampling.BICUBIC)
    grey = to_grey(encoded(photo))
    assert (grey.suffix, grey.data[:2]) == (".jpg", b"\xff\xd8")
    drawing = Image.new("L", (800, 600), 255)
    assert to_grey(encoded(drawing)).suffix == ".png"


def test_a_picture_that_a_build_has_made_stays_as_it_is():
    made = to_grey(encoded(Image.linear_gradient("L").resize((MAX_WIDTH, 33))))
    assert ready_size(made.data, MAX_WIDTH) == (made.width, made.height) == (MAX_WIDTH, 33)
    assert to_grey(made.data) == made
    for odd in (png(4, 4, (0, 0, 0)), png(5, 3, (17, 17, 17))):
        assert to_grey(to_grey(odd).data) == to_grey(odd)


READY = to_grey(png(40, 30)).data


@cases(
    "data",
    [
        png(4, 4, (0, 0, 0)),
        READY[:-20],
        READY[:60] + b"?" + READY[61:],
        READY.replace(b"IEND", b"tEXt"),
        encoded(Image.new("P", (4, 4))),
        encoded(Image.new("1", (4, 4))),
        encoded(Image.new("L", (4, 4)), "GIF"),
        to_grey(png(MAX_WIDTH + 40, 30), MAX_WIDTH + 40).data,
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_any_other_picture_is_made(data):
    assert ready_size(data, MAX_WIDTH) is None


def test_colours_and_clear_parts_are_not_taken_for_greys():
    out = io.BytesIO()
    coloured = Image.new("P", (4, 4))
    coloured.putpalette([17, 34, 51] * 16)
    coloured.save(out, "PNG", bits=4)
    assert ready_size(out.getvalue(), MAX_WIDTH) is None
    with Image.open(io.BytesIO(READY)) as picture:
        clear = io.BytesIO()
        picture.save(clear, "PNG", bits=4, transparency=0)
    assert ready_size(clear.getvalue(), MAX_WIDTH) is None
