public import Basics

/// Due events in order of time; those of one moment in order of arrival.
public struct EventQueue<Element> {
    /// Small, because it is moved a lot; the element waits in its slot.
    private struct Entry: BitwiseCopyable {
        var at: Instant
        var order: Int
        var slot: Int

        func isBefore(_ other: Entry) -> Bool {
            at == other.at ? order < other.order : at < other.at
        }
    }

    private var heap: [Entry] = []
    private var slots: [Element?] = []
    private var freeSlots: [Int] = []
    private var count = 0

    public init() {}

    public var next: Instant? { heap.first?.at }

    public mutating func add(_ element: Element, at: Instant) {
        count += 1
        let slot = freeSlots.popLast() ?? slots.count
        if slot == slots.count { slots.append(element) } else { slots[slot] = element }
        heap.append(Entry(at: at, order: count, slot: slot))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    public mutating func removeFirst() -> Element? {
        guard let first = heap.first else { return nil }
        freeSlots.append(first.slot)
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return slots[first.slot].take()
    }

    private mutating func sink() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
