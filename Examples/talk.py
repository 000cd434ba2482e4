"""Speaks one sentence to Gemini Live through Turnkeeper and saves what it answers.

    python Examples/talk.py                          the recording beside it
    python Examples/talk.py "How far is the moon?"   any sentence, spoken by espeak-ng

Where it connects is set in the environment: GOOGLE_GEMINI_BASE_URL, SSL_CERT_FILE, GOOGLE_API_KEY.
The simulated gemini understands six sentences of its own, of which the recording is one; of any other
it hears only the length, and answers with a number.
"""

import array
import asyncio
import io
import pathlib
import subprocess
import sys
import wave

from google import genai
from google.genai import types

MODEL = "gemini-3.1-flash-live-preview"
QUESTION = "What is the capital of France?"
ANSWER = "answer.wav"


def recorded():
    """The recorded question beside this file: PCM, 16-bit, mono, 16 kHz."""
    with wave.open(str(pathlib.Path(__file__).with_name("question.wav"))) as reader:
        return array.array("h", reader.readframes(reader.getnframes()))


def spoken(text):
    """`text` in the format that the service expects: PCM, 16-bit, mono, 16 kHz."""
    command = ["espeak-ng", "--stdout", text]
    said = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(said)) as reader:
        rate = reader.getframerate()
        source = array.array("h", reader.readframes(reader.getnframes()))
    count = len(source) * 16_000 // rate
    return array.array("h", (source[i * rate // 16_000] for i in range(count)))


async def main(sentence):
    config = types.LiveConnectConfig(
        response_modalities=["AUDIO"],
        input_audio_transcription={},
        output_audio_transcription={},
        realtime_input_config={"automatic_activity_detection": {"disabled": True}},
    )
    async with genai.Client().aio.live.connect(model=MODEL, config=config) as session:
        await session.send_realtime_input(activity_start={})
        pcm = recorded() if sentence == QUESTION else spoken(sentence)
        for start in range(0, len(pcm), 1600):
            chunk = pcm[start : start + 1600].tobytes()
            await session.send_realtime_input(
                audio={"data": chunk, "mime_type": "audio/pcm;rate=16000"}
            )
            await asyncio.sleep(0.1)
        await session.send_realtime_input(activity_end={})

        audio, heard, said = b"", "", ""
        async for message in session.receive():
            audio += message.data or b""
            if content := message.server_content:
                heard += (content.input_transcription and content.input_transcription.text) or ""
                said += (content.output_transcription and content.output_transcription.text) or ""

    with wave.open(ANSWER, "wb") as answer:
        answer.setnchannels(1)
        answer.setsampwidth(2)
        answer.setframerate(24_000)
        answer.writeframes(audio)
    print(f"you said:   {sentence}\nit heard:   {heard.strip()}\nit said:    {said.strip()}")
    print(f"its voice:  {len(audio) / 48_000:.1f} s in {ANSWER}")


asyncio.run(main(" ".join(sys.argv[1:]) or QUESTION))
