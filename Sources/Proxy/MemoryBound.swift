import CLinux

/// How much memory the process may use.
enum MemoryBound {
    /// Four fifths of the memory of the machine or of the process's control group: the rest is for
    /// the kernel's socket buffers and other processes.
    static var standard: Int { (controlGroup() ?? Int.max).clamped(to: machine) / 5 * 4 }

    private static var machine: Int {
        Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The lowest limit from the process's group up, in bytes; nil if there is none.
    /// - Parameters:
    ///   - groups: The file that names the process's groups, as in `cgroups(7)`.
    ///   - mounted: Where the groups themselves are.
    static func controlGroup(
        _ groups: String = "/proc/self/cgroup", mounted: String = "/sys/fs/cgroup"
    ) -> Int? {
        var bounds: [Int] = []
        for line in (File.read(groups, limit: 65_536) ?? []).split(separator: 10) {
            let parts = String(decoding: line, as: UTF8.self).split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            // Version 2 has one hierarchy, without controllers; version 1 one for memory.
            let (root, name) =
                parts[1].isEmpty
                ? (mounted, "memory.max") : ("\(mounted)/memory", "memory.limit_in_bytes")
            guard parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else {
                continue
            }
            var path = String(parts[2])
            while true {
                if let bytes = File.read("\(root)\(path)/\(name)", limit: 64),
                    let bound = Int(
                        String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" })
                {
                    bounds.append(bound)
                }
                guard let slash = path.lastIndex(of: "/") else { break }
                path = String(path[..<slash])
            }
        }
        return bounds.min()
    }
}

extension Int {
    fileprivate func clamped(to most: Int) -> Int { Swift.min(self, most) }
}
