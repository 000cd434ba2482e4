import CLinux

/// A first-in, first-out queue of bytes. Uses memory only while it holds something; grows by
/// doubling, so that no byte is copied more than a few times however slowly they arrive.
@safe
struct ByteQueue: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var head = 0
    private var tail = 0
    private var capacity = 0

    // SAFETY: for all of this type, `base` is a block of `capacity` bytes that this value alone
    // owns; 0 <= head <= tail <= capacity always holds.

    deinit { unsafe free(base) }

    var count: Int { tail &- head }
    /// Memory in use, in bytes.
    var size: Int { capacity }
    var isEmpty: Bool { tail == head }

    /// The waiting bytes, valid until the next change.
    var bytes: UnsafeRawBufferPointer {
        guard let base = unsafe base else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeRawBufferPointer(start: base + head, count: count)
    }

    /// Room for at least `room` bytes after the waiting ones; `commit` what was filled.
    mutating func reserve(_ room: Int) -> UnsafeMutableRawBufferPointer {
        if capacity - tail < room { grow(room) }
        guard let base = unsafe base else {
            return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeMutableRawBufferPointer(start: base + tail, count: capacity - tail)
    }

    mutating func commit(_ filled: Int) { tail += filled }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        unsafe reserve(bytes.count).baseAddress?.copyMemory(from: source, byteCount: bytes.count)
        tail += bytes.count
    }

    /// Drops the first `count` bytes; releases the memory when nothing is left.
    mutating func consume(_ count: Int) {
        head += count
        if head >= tail { clear() }
    }

    /// Drops everything after the first `count` bytes.
    mutating func truncate(to count: Int) {
        tail = head + count
        if count == 0 { clear() }
    }

    mutating func clear() {
        unsafe free(base)
        unsafe base = nil
        head = 0
        tail = 0
        capacity = 0
    }

    private mutating func grow(_ room: Int) {
        let used = count
        // Only if it frees at least half: otherwise taking a little for each little added would
        // move all of it every time.
        if let base = unsafe base, head > 0, head >= capacity / 2 {
            unsafe memmove(base, base + head, used)
            head = 0
            tail = used
        }
        guard capacity - tail < room else { return }
        let wanted = max(tail + room, capacity * 2, 1024)
        guard let grown = unsafe realloc(base, wanted) else { fatalError("out of memory") }
        unsafe base = grown
        capacity = wanted
    }
}
