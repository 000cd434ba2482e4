import Basics

/// What is due, in order of time; what is due at one moment, in order of arrival.
struct EventQueue<Element> {
    private struct Entry {
        var at: Instant
        var order: Int
        var element: Element

        func isBefore(_ other: Entry) -> Bool {
            at == other.at ? order < other.order : at < other.at
        }
    }

    private var heap: [Entry] = []
    private var count = 0

    var next: Instant? { heap.first?.at }

    mutating func add(_ element: Element, at: Instant) {
        count += 1
        heap.append(Entry(at: at, order: count, element: element))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Element? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.element }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return first.element }
            let right = left + 1
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[parent]) else { return first.element }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
