import CLinux

/// Starting, watching and ending the processes that are measured, each by its own id.
final class Child {
    let id: Int32
    let name: String
    let output: String
    private(set) var status: Int32?

    /// Starts a program pinned to one CPU (or to none), with both outputs in a file. It ends with
    /// this program, however this program ends.
    init(_ name: String, cpu: Int?, output: String, _ command: [String]) throws {
        self.name = name
        self.output = output
        // What an earlier process left there must not be taken for this one's words.
        try Files.write(output, "")
        let own = Files.executable
        let pin = cpu.map { ["--cpu", String($0)] } ?? []
        id = Child.spawn(own, [own, "bench-pinned"] + pin + ["--output", output, "--"] + command)
        guard id > 0 else { throw BenchError("cannot start \(name)") }
    }

    private static func spawn(_ path: String, _ arguments: [String]) -> Int32 {
        // SAFETY: every string is duplicated, the list ends with nil, both live until the call has
        // returned (the kernel has then copied them), and each duplicate is freed once.
        var list = unsafe arguments.map { unsafe strdup($0) }
        unsafe list.append(nil)
        defer { unsafe list.forEach { unsafe free($0) } }
        return unsafe tk_spawn(path, &list)
    }

    /// `dev bench-pinned [--cpu N] --output FILE -- PROGRAM ARGUMENT...`: becomes that program.
    static func become(_ arguments: [String]) -> Int32 {
        guard let split = arguments.firstIndex(of: "--"), split + 1 < arguments.count else {
            return 2
        }
        let options = Options(Array(arguments[..<split]))
        if let cpu = options.int("--cpu") { _ = tk_pin(Int32(cpu)) }
        _ = tk_die_with_parent()
        Kernel.prepare()
        let command = Array(arguments[(split + 1)...])
        // SAFETY: C strings live for each call; the list ends with nil and is never freed, since
        // execvp either replaces this process or it ends.
        if let output = options.string("--output") {
            let file = unsafe tk_create(output)
            _ = dup2(file, 1)
            _ = dup2(file, 2)
        }
        var list = unsafe command.map { unsafe strdup($0) }
        unsafe list.append(nil)
        _ = unsafe execvp(command[0], &list)
        print("cannot start \(command[0])")
        return 127
    }

    var running: Bool {
        guard status == nil else { return false }
        var value: Int32 = 0
        // SAFETY: the kernel writes one local.
        if unsafe waitpid(id, &value, WNOHANG) == id { status = value }
        return status == nil
    }

    /// Waits for the end, at most so long: whether it has ended.
    @discardableResult
    func wait(seconds: Double) -> Bool {
        let deadline = Kernel.now + Int64(seconds * 1e9)
        while running {
            if Kernel.now > deadline { return false }
            Kernel.sleep(seconds: 0.02)
        }
        return true
    }

    /// Asks it to end, asks again, and then ends it.
    func end(grace: Double = 1) {
        for signal in [SIGTERM, SIGTERM] where running {
            kill(id, signal)
            wait(seconds: grace)
        }
        if running {
            kill(id, SIGKILL)
            wait(seconds: 5)
        }
    }

    /// Runs a program to its end, at most so long, and gives what it printed, or nil if it failed.
    static func run(
        _ command: [String], cpu: Int? = nil, seconds: Double, output: String
    ) throws -> String? {
        let child = try Child(command[0], cpu: cpu, output: output, command)
        defer { child.end() }
        guard child.wait(seconds: seconds), child.status == 0 else { return nil }
        return Files.read(output)
    }
}

/// What the kernel says of a process: CPU used and memory held.
struct ProcessUse {
    /// Seconds of CPU in all threads, by the scheduler's own clock.
    var cpu = 0.0
    /// The same split by clock ticks, which is coarser.
    var user = 0.0
    var system = 0.0
    /// Bytes of memory present, shared libraries included.
    var resident = 0

    /// Seconds of CPU that everything on the machine has used since it started.
    static var machine: Double {
        // "cpu user nice system idle iowait irq softirq steal guest ..." in clock ticks.
        let line = (Files.read("/proc/stat") ?? "").prefix { $0 != "\n" }
        let ticks = line.split(separator: " ").dropFirst().prefix(7).map { Double($0) ?? 0 }
        guard ticks.count == 7 else { return 0 }
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / 100
    }

    /// The sum over some processes; 0 names this one.
    init(_ processes: [Int32]) {
        for process in processes {
            let folder = "/proc/" + (process == 0 ? "self" : String(process))
            cpu += Double(max(0, tk_cpu_of(process))) / 1e9
            let stat = Files.read(folder + "/stat") ?? ""
            // The second field is the program's name in brackets and may hold spaces.
            let fields = stat.drop { $0 != ")" }.split(separator: " ")
            if fields.count > 13 {
                user += (Double(fields[12]) ?? 0) / 100
                system += (Double(fields[13]) ?? 0) / 100
            }
            let rollup =
                Files.read(folder + "/smaps_rollup") ?? ""
            for line in rollup.split(separator: "\n") where line.hasPrefix("Rss:") {
                resident += (Int(line.split(separator: " ")[1]) ?? 0) * 1024
            }
        }
    }
}

/// Small files, read and written whole.
enum Files {
    static func read(_ path: String) -> String? {
        // SAFETY: the C string lives for the call.
        let fd = unsafe tk_open(path)
        guard fd >= 0 else { return nil }
        defer { Kernel.close(fd) }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // SAFETY: the kernel writes at most the array's own count.
            let count = unsafe CLinux.read(fd, &piece, piece.count)
            guard count > 0 else { break }
            all.append(contentsOf: piece[..<count])
        }
        return String(decoding: all, as: UTF8.self)
    }

    static func write(_ path: String, _ text: String) throws {
        // SAFETY: the C string lives for the call.
        let fd = unsafe tk_create(path)
        guard fd >= 0 else { throw Kernel.error("writing \(path)") }
        defer { Kernel.close(fd) }
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            // SAFETY: the kernel reads from an offset below the count checked above.
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                return unsafe CLinux.write(fd, rest.baseAddress, rest.count)
            }
            guard count > 0 else { throw Kernel.error("writing \(path)") }
            sent += count
        }
    }

    /// Writes a file beside it and renames that, so that nobody reads half of it.
    static func replace(_ path: String, _ text: String) throws {
        try write(path + ".new", text)
        // SAFETY: the C strings live for the call.
        guard unsafe rename(path + ".new", path) == 0 else {
            throw Kernel.error("renaming \(path).new")
        }
    }

    static func exists(_ path: String) -> Bool {
        // SAFETY: the C string lives for the call.
        unsafe access(path, F_OK) == 0
    }

    static func makeFolder(_ path: String) {
        // SAFETY: the C string lives for the call.
        _ = unsafe mkdir(path, 0o755)
    }

    /// The path of the program that is running.
    static let executable: String = {
        var path = [UInt8](repeating: 0, count: 4096)
        // SAFETY: the kernel writes at most the array's own count, without a final zero.
        let count = unsafe path.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe readlink(
                "/proc/self/exe", start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return String(decoding: path.prefix(max(0, count)), as: UTF8.self)
    }()
}

/// Long options, `--key value` and `--key=value`; an option followed by another is a switch.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: [String]) {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if let equals = argument.firstIndex(of: "=") {
                values[String(argument[..<equals])] = String(
                    argument[argument.index(after: equals)...])
            } else if index < arguments.count, !arguments[index].hasPrefix("--") {
                values[argument] = arguments[index]
                index += 1
            } else {
                values[argument] = ""
            }
        }
    }

    func flag(_ name: String) -> Bool { values[name] != nil }
    func string(_ name: String) -> String? { values[name] }
    func int(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
    func double(_ name: String) -> Double? { values[name].flatMap { Double($0) } }
    func list(_ name: String) -> [String]? {
        values[name]?.split(separator: ",").map(String.init)
    }
    /// A name that no verb knows, to be refused rather than ignored.
    func unknown(besides known: [String]) -> String? {
        values.keys.sorted().first { !known.contains($0) }
    }
}
