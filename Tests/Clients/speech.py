"""Real speech from espeak-ng, as the service wants it: PCM, 16-bit little-endian, mono, 16 kHz."""

import array
import functools
import io
import subprocess
import wave

RATE = 16_000
CHUNK_MS = 20
CHUNK_BYTES = RATE * 2 * CHUNK_MS // 1000


@functools.cache
def spoken(text):
    """`text` as PCM bytes, a whole number of 20 ms chunks."""
    said = subprocess.run(
        ["espeak-ng", "-v", "en", "-s", "170", "--stdout", text],
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    ).stdout
    with wave.open(io.BytesIO(said)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth()) == (1, 2)
        source = array.array("h", reader.readframes(reader.getnframes()))
        rate = reader.getframerate()
    pcm = resampled(source, rate).tobytes()
    return pcm + bytes(-len(pcm) % CHUNK_BYTES)


def resampled(source, rate):
    """Linear interpolation: no music, but words stay words."""
    count = len(source) * RATE // rate
    result = array.array("h", bytes(2 * count))
    last = len(source) - 1
    for index in range(count):
        position, fraction = divmod(index * rate, RATE)
        a, b = source[min(position, last)], source[min(position + 1, last)]
        result[index] = a + (b - a) * fraction // RATE
    return result


def silence(seconds):
    return bytes(round(seconds * 1000 / CHUNK_MS) * CHUNK_BYTES)


def chunks(pcm):
    return [pcm[start : start + CHUNK_BYTES] for start in range(0, len(pcm), CHUNK_BYTES)]


def write_wave(path, pcm, rate=48_000):
    """A WAV file at the rate Chromium's fake microphone runs at."""
    source = array.array("h", pcm)
    factor = rate // RATE
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        repeated = array.array("h", bytes(2 * factor * len(source)))
        for offset in range(factor):
            repeated[offset::factor] = source
        writer.writeframes(repeated.tobytes())
