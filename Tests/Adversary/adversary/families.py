"""What each family of models accepts and how it ends its turns: the wire reference's table, as data."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    model: str
    takes_content: bool = True       # clientContent once the conversation runs
    needs_role: bool = True          # a content without a role closes the connection
    takes_null_handle: bool = False
    ends_at_call: bool = False       # turnComplete after a call and again after its result
    dies_of_input_in_call: bool = False
    blocking: bool = True            # what a tool is when its declaration says nothing
    stream_end_ends: bool = True     # audioStreamEnd ends the user's turn
    has_status: bool = False         # interactionStatus; only IDLE ends the work
    streams_transcript: bool = False # inputTranscription word by word, or once at the end
    flushes: bool = False            # its transcription stops in a long activity that is not flushed
    text_is_content: bool = False    # clients send text as clientContent

    on_vertex: bool = False          # the other platform: its path, its names of models and of what was used

    @property
    def path(self) -> str:
        if self.on_vertex:
            return "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
        return "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

    @property
    def full_name(self) -> str:
        where = "projects/p/locations/us-central1/publishers/google/models/" if self.on_vertex else "models/"
        return where + self.model


FAMILIES = {
    "2.5": Family(
        "2.5", "gemini-2.5-flash-native-audio-preview-12-2025", needs_role=False,
        takes_null_handle=True, ends_at_call=True, dies_of_input_in_call=True,
        streams_transcript=True, flushes=True, text_is_content=True,
    ),
    "2.5-vertex": Family(
        "2.5-vertex", "gemini-live-2.5-flash-native-audio", needs_role=False, takes_null_handle=True,
        ends_at_call=True, dies_of_input_in_call=True, streams_transcript=True, flushes=True,
        text_is_content=True, on_vertex=True,
    ),
    "3.1": Family("3.1", "gemini-3.1-flash-live-preview", takes_content=False),
    "3.8": Family("3.8", "gemini-3.8-live", blocking=False, ends_at_call=True, stream_end_ends=False),
    "3.8-et": Family(
        "3.8-et", "gemini-3.8-live-extended-thinking", blocking=False, ends_at_call=True,
        stream_end_ends=False, has_status=True,
    ),
}

BY_MODEL = {family.model: family for family in FAMILIES.values()}

# Each answer to what nobody knows; a plan draws its own.
SWITCHES = {
    "nudge": "wakes",              # wakes | nothing | restarts | adds
    "cancel_interrupts": True,     # toolCallCancellation comes with `interrupted`
    "handle_in_call": False,       # a handle while a call is open, which it remembers as open
    "reissues": True,              # a resumed connection calls again for what was open, or waits
    "obeys": True,                 # "go on" is obeyed
    "ends_interrupted_together": False,  # interrupted and turnComplete in one message
    "handles": "turn",             # turn | start (none later) | never
    "bundles": False,              # audio and its words in one message
    "overlap_dies": True,          # a resume while the old socket is open: 1011
    "resumes_with_open_turn": False,     # a handle also right after the question was consumed
    "index": False,                # lastConsumedClientMessageIndex
    "locks_manual": False,         # a token holds the setup: manual detection, whatever the wire says
    "single_use": False,           # a token that opens one session; resuming it is no use
    "latency": 0.0,                # seconds that gemini's messages are on their way; a close overtakes them
    "pretty": False,               # JSON on many lines, with a newline at its end
    "as_text": False,              # text messages instead of binary ones
    "noise": 0.0,                  # how often a message that means nothing to a turn goes before another
    "ends_at_once": False,         # the last sound, generationComplete and turnComplete in one message
    "late_words": 0.0,             # seconds the words of the user come after the model began
    "interim": False,              # interimInputTranscription before the words that stay
    "late_interrupt": False,       # activityStart between generation and its first sound interrupts
}
