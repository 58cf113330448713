"""PalmDOC compression: a repeated piece of text becomes a distance and a length (pure)."""

RECORD_BYTES = 4096
"""So much text is compressed by itself, so that a reader can open a book in its midst."""

WINDOW = 2047
SHORTEST, LONGEST = 3, 10
"""How far back a repetition may lie, and how long one is."""

MOST_LITERALS = 8


def compress(data: bytes) -> bytes:
    """The compressed form of at most RECORD_BYTES.

    A byte from 0x80 on begins a repetition of two bytes, or is a blank with a letter after it; one from 1 to
    8 says how many bytes follow as they are; any other one stands for itself.
    """
    out = bytearray()
    literals = bytearray()
    last_seen: dict[bytes, int] = {}
    at, end = 0, len(data)
    while at < end:
        key = data[at : at + SHORTEST]
        before = last_seen.get(key, -WINDOW - 1)
        last_seen[key] = at
        if at - before <= WINDOW and len(key) == SHORTEST:
            length = _length(data, before, at)
            _flush(literals, out)
            pair = 0x8000 | (at - before) << 3 | length - SHORTEST
            out += pair.to_bytes(2, "big")
            at += length
            continue
        byte = data[at]
        at += 1
        if byte >= 0x80 or 0 < byte <= MOST_LITERALS:
            literals.append(byte)
            if len(literals) == MOST_LITERALS:
                _flush(literals, out)
            continue
        if literals:
            _flush(literals, out)
        if byte == 0x20 and at < end and 0x40 <= data[at] < 0x80:
            out.append(data[at] ^ 0x80)
            at += 1
        else:
            out.append(byte)
    _flush(literals, out)
    return bytes(out)


def _length(data: bytes, before: int, at: int) -> int:
    """How long the text at both places is the same; it may reach into itself."""
    length = SHORTEST
    most = min(LONGEST, len(data) - at)
    while length < most and data[before + length] == data[at + length]:
        length += 1
    return length


def _flush(literals: bytearray, out: bytearray) -> None:
    if literals:
        out.append(len(literals))
        out += literals
        literals.clear()
