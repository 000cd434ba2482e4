import Wire

extension Journal.Kind {
    /// `nil` for what is not kept: history and context are told separately.
    init?(_ message: ClientMessage) {
        if message.members.contains(.realtimeInput) {
            let input = message.input
            if input.contains(.activityStart) {
                self = .start
            } else if input.contains(.activityEnd) {
                self = .end
            } else if input.contains(.audio) {
                self = .sound
            } else if input.contains(.video) {
                self = .picture
            } else if input.contains(.text) {
                self = .text
            } else {
                self = .other
            }
        } else if message.members.contains(.clientContent) {
            guard message.turnComplete else { return nil }
            self = .content
        } else if message.members.contains(.toolResponse) {
            self = .result
        } else if message.members.contains(.contextUpdate) {
            return nil
        } else {
            self = .other
        }
    }
}
