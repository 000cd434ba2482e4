import CLinux

/// What the kernel lets a process map, used or not: an allocation beyond it fails, and with it the
/// process. No such limit is usual; a control group's counts what is used (`MemoryBound`).
struct MappedSpace: Equatable {
    /// As operators set it.
    var name: String
    var limit: Int
    /// In use before the first thread starts.
    var mapped: Int

    /// The limits that are set. To be asked for before the first thread starts: a thread maps 128 MiB
    /// for a moment to make a heap of its own, which then is as large as it may be.
    static let limited = measured()

    private static func measured() -> [MappedSpace] {
        let figures = tk_open_memory_figures()
        defer { tk_close(figures, 0) }
        var (all, data, mapped, mappedData) = (0, 0, 0, 0)
        // SAFETY: the calls write the local variables.
        unsafe tk_mapping_limits(&all, &data)
        unsafe tk_mapped_bytes(figures, &mapped, &mappedData)
        let spaces = [
            MappedSpace(name: "ulimit -v (LimitAS=)", limit: all, mapped: mapped),
            MappedSpace(name: "ulimit -d (LimitDATA=)", limit: data, mapped: mappedData),
        ].filter { $0.limit < .max }
        if let heaps = spaces.map(\.heaps).min() { tk_limit_heaps(Int32(clamping: heaps)) }
        return spaces
    }

    /// Heaps that threads have of their own take 64 MiB of address space each, whatever is in them,
    /// so there are fewer where that is short: a sixteenth of it.
    var heaps: Int { max(0, limit - mapped) / (16 * Int(TK_HEAP)) }

    /// What a process takes before it has a session, and what is not to be had by sessions.
    func atRest(workers: Int) -> Int {
        mapped + (workers + Self.threads) * Int(TK_STACK) + min(heaps, workers) * Int(TK_HEAP)
            + Self.libraries
    }

    /// Beside the workers, with everything switched on; twelve in a usual process.
    private static let threads = 20
    /// Libraries that are loaded when they are needed, the files' caches, the first connections.
    private static let libraries = 24 << 20

    /// The memory that may be used: a fifth of the rest is for what is mapped and not used, because
    /// the allocator keeps it, or it is in pieces.
    func bound(workers: Int) -> Int { max(0, limit - atRest(workers: workers)) / 5 * 4 }

    /// The least limit with which the process starts.
    func least(workers: Int) -> Int { atRest(workers: workers) + Self.leastBound / 4 * 5 }

    /// Also the least that `--memory` takes.
    private static let leastBound = 64 << 20

    /// Lowers `--memory` to what may be mapped.
    /// - Returns: A warning, if that is less than was asked for.
    static func fit(_ options: inout ServerOptions) throws(StartFailure) -> String? {
        let spaces = limited
        guard !spaces.isEmpty else { return nil }
        let workers = options.workers
        var complaint: String?
        for space in spaces {
            let bound = space.bound(workers: workers)
            guard bound >= leastBound else { throw StartFailure(space.refusal(workers: workers)) }
            if let wanted = options.memory, wanted > bound {
                complaint =
                    "--memory is \(bound >> 20)MiB here, since \(space.name) is "
                    + "\(space.limit >> 20)MiB"
            }
            options.memory = min(options.memory ?? MemoryBound.standard, bound)
        }
        return complaint
    }

    private func refusal(workers: Int) -> [String] {
        // Up, since it has to suffice, and the next start may take a MiB more.
        let least = (least(workers: workers) >> 20) + 4
        return [
            "turnkeeper: \(name) is \(limit >> 20) MiB, and with --workers \(workers) serve takes "
                + "\((atRest(workers: workers) >> 20) + 1) MiB of that before its first session",
            "Try: at least \(least) MiB, or no such limit: --memory, and a control group's "
                + "(MemoryMax=), count what is used and not what is mapped",
        ]
    }
}
