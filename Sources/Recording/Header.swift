public import Basics
public import Policies
import Wire

/// The first line of a recording: session, time, policy.
public struct Header: Equatable, Sendable {
    /// The version of the format; a reader refuses newer ones.
    public static let format: Int64 = 1

    /// The version of the program that recorded it.
    public var version: String
    public var session: String
    public var tenant: String
    public var began: WallTime
    /// Every value in force, as a `default.yaml`, and every model family, as a `models.yaml`.
    public var policy: String
    public var models: String
    /// The client was given our own handles.
    public var replacesHandles = false
    /// Other nodes could continue it.
    public var isShared = false

    public init(
        version: String, session: String, began: WallTime, policy: Policy, profiles: Profiles
    ) {
        self.version = version
        self.session = session
        self.began = began
        tenant = policy.tenant
        self.policy = Documents.effective(policy)
        models = Documents.effective(profiles)
    }

    /// The line, without its terminator.
    public var line: [UInt8] {
        JSONOutput.object { json in
            json.integer("turnkeeper_recording", Self.format)
            json.string("version", version)
            json.string("session", session)
            json.string("tenant", tenant)
            json.string("began", began.description)
            json.string("policy", policy)
            json.string("models", models)
            if replacesHandles { json.integer("replaces_handles", 1) }
            if isShared { json.integer("is_shared", 1) }
        }
    }

    init(_ fields: Fields) throws(Fields.Wrong) {
        guard fields.has("turnkeeper_recording") else {
            throw Fields.Wrong(
                message: "no recording begins so; turnkeeper writes them to DATA/recordings, one "
                    + "for each session, where the policy says log: { record: on }")
        }
        let format = try fields.number("turnkeeper_recording")
        guard format == Self.format else {
            throw Fields.Wrong(
                message: "a recording of format \(format), and this program reads format "
                    + "\(Self.format); replay it with the turnkeeper that recorded it")
        }
        version = try fields.text("version")
        session = try fields.text("session")
        tenant = try fields.text("tenant")
        guard let began = WallTime(try fields.text("began")) else {
            throw fields.missing("began", "a time as 2026-11-21T04:05:06.789Z")
        }
        self.began = began
        policy = try fields.text("policy")
        models = try fields.text("models")
        replacesHandles = fields.has("replaces_handles")
        isShared = fields.has("is_shared")
    }
}
