public import Basics
import Wire

/// One WebSocket connection of the simulated service. Pure: no clock, no I/O, dice only from the
/// service's seed. `handle` is the only way in, the action list the only way out, `deadline` the
/// only timer.
public final class SimulatedConnection {
    /// From 1, over the whole service.
    public let number: Int
    /// When `.wokeUp` is due; `nil`: never.
    public private(set) var deadline: Instant?
    /// The conversation it carries, once set up.
    public internal(set) var conversation: Conversation?

    let service: SimulatedService
    var random: SeededRandom

    init(number: Int, service: SimulatedService, random: SeededRandom) {
        self.number = number
        self.service = service
        self.random = random
    }

    /// Drain `actions` before the next event; `payload` is read only during the call.
    public func handle(
        _ event: ServerEvent, payload: Span<UInt8>, at now: Instant,
        into actions: inout [ServerAction]
    ) {
        switch event {
        case .opened: actions.append(.accept)
        case .received, .wokeUp, .closed: break
        }
    }
}
