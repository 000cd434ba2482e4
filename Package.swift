// swift-tools-version: 6.2
import PackageDescription

// Reads top to bottom in dependency order: a target may depend only on targets above it.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Types that hold a Span, such as a message that must not outlive its bytes.
    .enableExperimentalFeature("Lifetimes"),
]
let relaxed: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Imports neither Foundation nor a C library: state machines, parsers and simulation.
/// The standard library's own floating point asks for the mathematics library.
func pure(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, swiftSettings: strict,
        linkerSettings: [.linkedLibrary("m")])
}
/// Swift around one C library or the kernel; every `unsafe` carries its reason.
func adapter(
    _ name: String, _ dependencies: [Target.Dependency], _ more: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + more)
}
/// What every message passes through. Checking at run time that no two accesses to a property
/// overlap took 60 % of its user instructions; debug builds, and so all tests, keep the check.
let messagePath: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]
/// Loops over samples and bytes: unoptimized they take a hundred times as long, and tests listen to
/// minutes, and write the ledger of a busy server.
let loops: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
func library(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}
func program(
    _ name: String, _ dependencies: [Target.Dependency], linked settings: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: settings)
}
/// Where an installed program finds its libraries, and they each other, which only the older of
/// the two tags is good for; what is not there is the system's. No symbol newer than glibc 2.34.
let anywhere: [LinkerSetting] = [
    .unsafeFlags([
        "-Xlinker", "--disable-new-dtags", "-Xlinker", "-rpath", "-Xlinker",
        "$ORIGIN/../lib/turnkeeper", "-Xlinker", "--wrap=hypotf",
    ])
]
/// `data` are directories the tests read by path.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: data, swiftSettings: relaxed)
}
/// A libFuzzer harness in `Fuzz/<name>`. libFuzzer brings `main`, so these exist only where
/// `TURNKEEPER_FUZZ` is set, and are built one at a time with `--sanitize=fuzzer --product <name>`.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Fuzz/\(name)",
        swiftSettings: relaxed + [.unsafeFlags(["-parse-as-library"])])
}

let package = Package(
    name: "Turnkeeper",
    targets: [
        // The pure world, and the loops over bytes below it.
        .target(name: "CBytes", cSettings: [.unsafeFlags(["-O2"])]),
        pure("Basics", ["CBytes"]),
        pure("Wire", ["Basics"]),
        pure("Policies", ["Basics"]),
        pure("Sessions", ["Basics", "Wire", "Policies"]),
        pure("Sharing", ["Basics"]),
        pure("Recording", ["Basics", "Wire", "Policies", "Sessions"]),
        pure("Usage", ["Basics", "Wire", "Policies"]),
        pure("Metrics", ["Basics"]),
        pure("Manual", ["Basics"]),
        pure("Dashboards", ["Basics", "Metrics"]),
        pure("WebSocket", ["Basics"]),
        pure("SimulatedGemini", ["Basics", "Wire"]),
        pure("Simulation", ["Basics", "Wire", "Policies", "Sessions", "SimulatedGemini"]),
        pure(
            "Fleets",
            [
                "Basics", "Wire", "Policies", "Sessions", "Sharing", "SimulatedGemini",
                "Simulation",
            ]),

        // C libraries: a module map and a shim, nothing else.
        .target(name: "CLinux"),
        .target(name: "CPostgres"),
        .target(name: "CSpeech", exclude: ["README.md", "make_speech.py", "speech.bin"]),
        .target(name: "CInspector", exclude: ["page"]),
        library("COpenSSL", "openssl", apt: "libssl-dev"),
        library("CLibwebsockets", "libwebsockets", apt: "libwebsockets-dev"),
        library("CYAML", "yaml-0.1", apt: "libyaml-dev"),
        library("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
        // C++ behind three functions of C. Not by pkg-config, whose definitions the package
        // manager warns of on every build; its headers are outside the usual path.
        .target(
            name: "CVoiceDetection",
            cxxSettings: [
                .define("WEBRTC_POSIX"), .define("WEBRTC_AUDIO_PROCESSING_ONLY_BUILD"),
                .unsafeFlags(["-isystem", "/usr/include/webrtc_audio_processing"]),
            ], linkerSettings: [.linkedLibrary("webrtc_audio_processing")]),

        // Adapters around them.
        adapter("YAML", ["Basics", "Policies", "CYAML"]),
        adapter("Transport", ["Basics", "WebSocket", "CLinux", "COpenSSL"], messagePath),
        adapter("Libwebsockets", ["Basics", "CLinux", "CLibwebsockets", "Transport"]),
        adapter("Admin", ["CLinux", "Libwebsockets", "Transport"]),
        adapter(
            "Ledger",
            [
                "Basics", "Wire", "Usage", "Sharing", "Transport", "CLinux", "CPostgres", "CSQLite",
            ], loops),
        adapter(
            "Inspector",
            ["Basics", "Admin", "Ledger", "Recording", "Transport", "CInspector", "CLinux"]),
        adapter("Speech", ["SimulatedGemini", "CSpeech"]),
        adapter("VoiceDetection", ["Basics", "Wire", "CVoiceDetection"], loops),
        adapter(
            "SimulatorServer", ["Basics", "Wire", "SimulatedGemini", "CLinux", "Libwebsockets"]),

        // Where both worlds meet.
        adapter(
            "Proxy",
            [
                "Basics", "Wire", "Policies", "Sessions", "Sharing", "Metrics", "WebSocket",
                "Transport", "YAML", "Admin", "Ledger", "Inspector", "Usage", "VoiceDetection",
                "Recording",
                "CLinux", "COpenSSL",
            ], messagePath),
        // A proxy between clients and an upstream, over real sockets: for demo, checks and tests.
        adapter(
            "Fixtures",
            [
                "Basics", "Wire", "WebSocket", "Transport", "SimulatedGemini", "SimulatorServer",
                "Proxy", "CLinux",
            ]),
        program(
            "turnkeeper",
            [
                "Basics", "Wire", "Policies", "Sessions", "Recording", "Manual", "SimulatedGemini",
                "SimulatorServer", "Speech", "YAML", "Proxy", "Ledger", "Transport", "Fixtures",
                "Dashboards", "CLinux", "COpenSSL", "CSQLite", "CLibwebsockets", "CYAML",
            ], linked: anywhere),
        program(
            "dev",
            [
                "Basics", "Wire", "Policies", "Sessions", "SimulatedGemini", "Simulation", "Fleets",
                "WebSocket", "Transport", "Proxy", "Fixtures", "Ledger", "Usage", "Metrics",
                "Dashboards", "CLinux", "COpenSSL",
            ]),

        tests("BasicsTests", ["Basics"]),
        tests("WireTests", ["Wire", "Basics"], data: ["Fixtures"]),
        tests("PoliciesTests", ["Policies", "YAML", "Basics"], data: ["Fixtures"]),
        tests("SessionsTests", ["Sessions", "Policies", "Wire", "Basics"], data: ["Stories"]),
        tests(
            "VoiceDetectionTests",
            ["VoiceDetection", "Sessions", "Speech", "SimulatedGemini", "Wire", "Basics"]),
        tests("RecordingTests", ["Recording", "Sessions", "Policies", "Wire", "Basics"]),
        tests("UsageTests", ["Usage", "Policies", "Wire", "Basics"]),
        tests("MetricsTests", ["Metrics", "Sessions", "Policies", "Usage", "Basics"]),
        tests("ManualTests", ["Manual", "Basics"]),
        tests("DashboardsTests", ["Dashboards", "Metrics", "Basics"]),
        tests("WebSocketTests", ["WebSocket", "Basics"]),
        tests("SimulatedGeminiTests", ["SimulatedGemini", "Speech", "Wire", "Basics"]),
        tests(
            "SimulationTests",
            [
                "Fleets", "Simulation", "SimulatedGemini", "Sharing", "Sessions", "Policies",
                "Wire",
                "Basics",
            ]),
        tests("TransportTests", ["Transport", "WebSocket", "CLinux", "Basics"]),
        tests(
            "AdminTests",
            [
                "Admin", "Inspector", "Ledger", "Usage", "SimulatorServer", "SimulatedGemini",
                "Basics",
            ]),
        tests(
            "EndToEndTests",
            [
                "Fixtures", "Speech", "Proxy", "SimulatorServer", "SimulatedGemini", "Transport",
                "WebSocket", "Ledger", "Usage", "Wire", "CLinux", "Basics",
            ]),
        tests(
            "ProxyTests",
            [
                "Proxy", "Ledger", "Transport", "Metrics", "Simulation", "Sessions", "Sharing",
                "Policies", "Usage", "Wire", "Basics", "YAML",
            ]),
        tests(
            "LedgerTests",
            ["Ledger", "Fleets", "Sharing", "Usage", "CLinux", "CSQLite", "Basics", "Transport"]),
        tests("TidyTests", ["Basics"]),
    ]
)

if Context.environment["TURNKEEPER_FUZZ"] != nil {
    package.targets += [
        fuzz("FuzzWebSocket", ["WebSocket", "Basics"]),
        fuzz("FuzzHeads", ["WebSocket", "Basics"]),
        fuzz("FuzzRequests", ["Proxy", "Policies", "WebSocket", "Basics"]),
        fuzz("FuzzWire", ["Wire", "Basics"]),
        fuzz("FuzzTokens", ["Wire", "Basics"]),
        fuzz("FuzzSessions", ["Simulation"]),
        fuzz("FuzzPolicies", ["YAML", "Policies", "Basics"]),
    ]
}
