"""Makes speech.bin, the phrases of the simulated service and of a user who talks to it.

    apt install espeak-ng; python3 Sources/CSpeech/make_speech.py

The output is the same on every run of one espeak-ng. Layout, little-endian: "TKSP", then until
the end: name length (1 byte), name, samples per second (2), number of samples (4), length of the
data (4), data: IMA ADPCM, 4 bits a sample, low half first, starting from zero. What the service
says is kept at 12 kHz, to be doubled; what a user says at 16 kHz, as Live clients send it.
"""

import math
import pathlib
import struct
import subprocess
import wave
import io

FOLDER = pathlib.Path(__file__).parent

LINES = {
    "greeting": "Hello! How can I help you?",
    "answer": "This is answer number",
    "thinking": "Let me think about that.",
    "toolResult": "The tool has answered. Here is the result.",
    "sorry": "I am sorry, there was a system error.",
    "capital": "The capital of France is Paris.",
    "weather": "It is sunny today, with a light wind from the west.",
    "story": "Once upon a time a keeper of the keys walked through the prison at night, and every "
    "door he passed was locked, until he found one that was not.",
    "goodbye": "Goodbye, and thank you for calling.",
    "resumed": "Where were we? Please go on.",
}
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
USER = [
    "Hello, can you hear me?",
    "What is the capital of France?",
    "What is the weather today?",
    "Please tell me a story.",
    "Please use the tool.",
    "Thank you, goodbye!",
]

QUESTION = USER[1]

STEPS = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
]
INDEX = [-1, -1, -1, -1, 2, 4, 6, 8]


def speak(text, voice, speed, pitch):
    """Samples at 22,050 Hz, silence at both ends cut off."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text]
    with wave.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)) as f:
        rate = f.getframerate()
        # A stream does not know its length beforehand, so the header's is not to be trusted.
        frames = f.readframes(f.getnframes())
    samples = struct.unpack(f"<{len(frames) // 2}h", frames)
    loud = [i for i, s in enumerate(samples) if abs(s) > 200]
    return rate, samples[max(loud[0] - 200, 0) : loud[-1] + 600]


def resample(samples, rate, target):
    """Windowed-sinc interpolation, cut off below the lower of both Nyquist frequencies."""
    cutoff = min(target / rate, 1.0) * 0.95
    width = 24
    out = []
    for n in range(int(len(samples) * target / rate)):
        centre = n * rate / target
        total = 0.0
        for k in range(max(math.ceil(centre - width), 0), min(int(centre + width) + 1, len(samples))):
            x = (k - centre) * cutoff
            sinc = 1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x)
            window = 0.5 + 0.5 * math.cos(math.pi * (k - centre) / width)
            total += samples[k] * sinc * window * cutoff
        out.append(max(-32768, min(32767, round(total))))
    return out


def adpcm(samples):
    value, index, nibbles = 0, 0, []
    for sample in samples:
        step = STEPS[index]
        rest = sample - value
        code = 8 if rest < 0 else 0
        rest = abs(rest)
        for bit, part in ((4, step), (2, step >> 1), (1, step >> 2)):
            if rest >= part:
                code |= bit
                rest -= part
        value, index = decoded(code, value, index)
        nibbles.append(code)
    if len(nibbles) % 2:
        nibbles.append(0)
    return bytes(a | b << 4 for a, b in zip(nibbles[::2], nibbles[1::2]))


def decoded(code, value, index):
    """One code's sample, and the place in the table of steps that it leads to."""
    step = STEPS[index]
    change = step >> 3
    for bit, part in ((4, step), (2, step >> 1), (1, step >> 2)):
        if code & bit:
            change += part
    value = max(-32768, min(32767, value + (-change if code & 8 else change)))
    return value, max(0, min(88, index + INDEX[code & 7]))


def heard(data, count):
    """Decodes ADPCM data to samples."""
    value, index, out = 0, 0, []
    for byte in data:
        for code in (byte & 15, byte >> 4):
            value, index = decoded(code, value, index)
            out.append(value)
    return out[:count]


def write_question(archive):
    """The question of Examples/talk.py, sample by sample the one that the simulated service knows."""
    name = f"user {QUESTION}".encode()
    at = archive.index(bytes([len(name)]) + name) + 1 + len(name)
    rate, count, length = struct.unpack_from("<HII", archive, at)
    samples = heard(archive[at + 10 : at + 10 + length], count)
    with wave.open(str(FOLDER.parents[1] / "Examples/question.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{count}h", *samples))


def entry(name, text, voice, speed, pitch, target):
    rate, samples = speak(text, voice, speed, pitch)
    samples = resample(samples, rate, target)
    data = adpcm(samples)
    encoded = name.encode()
    return (
        bytes([len(encoded)]) + encoded + struct.pack("<HII", target, len(samples), len(data)) + data
    )


def main():
    out = b"TKSP"
    for name, text in LINES.items():
        out += entry("line " + name, text, "en-us+f3", 190, 55, 12_000)
    for word in NUMBERS:
        out += entry("number " + word, word, "en-us+f3", 190, 55, 12_000)
    for text in USER:
        out += entry("user " + text, text, "en-us+m3", 185, 40, 16_000)
    (FOLDER / "speech.bin").write_bytes(out)
    write_question(out)
    print(f"{len(out)} bytes")


if __name__ == "__main__":
    main()
