import CLinux

/// What the kernel lets a process map, used or not: an allocation beyond it fails, and the process
/// ends. Such limits are unusual: a control group limits what is used (`MemoryBound`).
struct MappedSpace: Equatable {
    /// The setting's name, as operators know it.
    var name: String
    var limit: Int
    /// In use before the first thread starts.
    var mapped: Int

    /// The limits in force. Read them before the first thread starts: a thread briefly maps 128 MiB
    /// to make a heap of its own, and from then on its heap has its full size.
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

    /// How many heaps threads may have. Each takes 64 MiB of address space, however little is in
    /// it, so together they get a sixteenth of what is free.
    var heaps: Int { max(0, limit - mapped) / (16 * Int(TK_HEAP)) }

    /// What the process takes before its first session; sessions cannot use it.
    func atRest(workers: Int) -> Int {
        mapped + (workers + Self.threads) * Int(TK_STACK) + min(heaps, workers) * Int(TK_HEAP)
            + Self.libraries
    }

    /// Threads besides the workers, with everything switched on; usually there are twelve.
    private static let threads = 20
    /// Libraries that are loaded when they are needed, the files' caches, the first connections.
    private static let libraries = 24 << 20

    /// The memory that may be used. A fifth of the rest is left for what is mapped but unused,
    /// because the allocator keeps it or it is fragmented.
    func bound(workers: Int) -> Int { max(0, limit - atRest(workers: workers)) / 5 * 4 }

    /// The least limit with which the process starts.
    func least(workers: Int) -> Int { atRest(workers: workers) + Self.leastBound / 4 * 5 }

    /// Also the minimum for `--memory`.
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
        // Rounded up, because it must suffice, and the next start may take a MiB more.
        let least = (least(workers: workers) >> 20) + 4
        return [
            "turnkeeper: \(name) is \(limit >> 20) MiB, and with --workers \(workers) serve takes "
                + "\((atRest(workers: workers) >> 20) + 1) MiB of that before its first session",
            "Try: at least \(least) MiB, or no such limit: --memory, and a control group's "
                + "(MemoryMax=), count what is used and not what is mapped",
        ]
    }
}
