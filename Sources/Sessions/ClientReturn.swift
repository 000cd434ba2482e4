import Basics
import Wire

/// The conversation beyond the session: the handle by which the client knows it, and the one it
/// came with.
struct ClientReturn {
    /// Ours, as the client sees it; empty: gemini's are passed on.
    var handle = "" { didSet { shown = handle } }
    /// Includes the generation in which the conversation is driven.
    var shown = ""
    /// The session that the client claims; empty if it claims none.
    var session = ""
    /// A setup that waits for the result of its claim.
    var waiting: OutboundMessage? { didSet { size = count() } }
    /// What it claims.
    var claim: Claim?
    /// The answer came before gemini's connection could take the setup.
    var answer: Recalled? { didSet { size = count() } }
    /// The setup's claim has been handled.
    var isSettled = false
    /// The conversation began in an earlier session.
    var memory: Memory? { didSet { size = count() } }
    /// For a client that has returned with a setup this session cannot take: the handle that its
    /// new session begins with, and what it is still owed.
    var left: (handle: Handles.Kept?, owed: Memory.Owed)?
    /// The client can find the session by its handle, or its id.
    var isOffered = false
    /// Other nodes may continue the conversation: they need its current state.
    var isShared = false
    /// The client has its handle.
    var isGiven = false
    /// A hash of the tools that the setup declared.
    var tools: UInt64 = 0
    /// What the client has changed since.
    var changes = Memory.Changes() { didSet { size = count() } }
    /// Speech was heard while no words could be kept; which part is unknown.
    var hasUnkeptWords = false
    /// Bytes kept.
    private(set) var size = 0

    private func count() -> Int {
        var size = (waiting?.footprint ?? 0) + (memory?.footprint ?? 0)
        if case .remembered(let memory) = answer { size += memory.footprint }
        return size + Footprint.of(changes.instruction) + Footprint.of(changes.tools)
    }
}

extension Memory {
    /// What it takes to keep it.
    var footprint: Int {
        Footprint.of(transcript) + Footprint.of(handle) + Footprint.of(owed.unanswered)
            + Footprint.of(owed.missed) + Footprint.of(changes.instruction)
            + Footprint.of(changes.tools)
    }
}
