import Basics
import Wire

/// The members of one line, by name.
struct Fields {
    /// What is wrong with a line, and what to do about it.
    struct Wrong: Error { var message: String }

    private let bytes: [UInt8]
    private let places: [String: ByteRange]

    init(_ bytes: [UInt8]) throws(Wrong) {
        self.bytes = bytes
        var places: [String: ByteRange] = [:]
        do throws(Malformed) {
            let whole = try JSONPlaces.object(bytes.span)
            for member in try JSONPlaces.members(bytes.span, whole) {
                let key = JSONText.unescape(bytes.span, member.key, limit: 64)
                guard places.updateValue(member.value, forKey: key) == nil else {
                    throw Malformed(.syntax, at: Int(member.key.lower))
                }
            }
        } catch {
            throw Wrong(
                message: "not one JSON object (\(error)); a recording that was cut off ends so: "
                    + "remove this line and what follows")
        }
        self.places = places
    }

    func has(_ key: String) -> Bool { places[key] != nil }

    func text(_ key: String, limit: Int = 1 << 20) throws(Wrong) -> String {
        guard let place = places[key],
            let text = JSONPlaces.string(bytes.span, place, limit: limit)
        else { throw missing(key, "a text") }
        return text
    }

    func number(_ key: String) throws(Wrong) -> Int64 {
        guard let place = places[key], let number = JSONPlaces.integer(bytes.span, place) else {
            throw missing(key, "a whole number")
        }
        return number
    }

    func number<Number: FixedWidthInteger>(
        _ key: String, as: Number.Type
    ) throws(Wrong) -> Number {
        guard let number = Number(exactly: try number(key)) else {
            throw missing(key, "a number up to \(Number.max)")
        }
        return number
    }

    func elements(_ key: String) throws(Wrong) -> [ByteRange] {
        guard let place = places[key],
            let elements = try? JSONPlaces.elements(bytes.span, place)
        else { throw missing(key, "a list") }
        return elements
    }

    func texts(_ key: String) throws(Wrong) -> [String] {
        var texts: [String] = []
        for place in try elements(key) {
            guard let text = JSONPlaces.string(bytes.span, place) else {
                throw missing(key, "a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    func string(at place: ByteRange) -> String? { JSONPlaces.string(bytes.span, place) }
    func integer(at place: ByteRange) -> Int64? { JSONPlaces.integer(bytes.span, place) }

    func close() throws(Wrong) -> Close {
        Close(try number("code", as: UInt16.self), try text("reason"))
    }

    /// A message equivalent to the one the session saw.
    func message(_ key: String) throws(Wrong) -> [UInt8] {
        guard let place = places[key] else { throw missing(key, "a message") }
        do throws(Malformed) {
            return try Redraft.restore(bytes.span, place)
        } catch {
            throw missing(key, "a message")
        }
    }

    func missing(_ key: String, _ what: String) -> Wrong {
        Wrong(
            message: "\"\(key)\" should be \(what)"
                + "; the line was changed by hand, or by another program: record the session again")
    }
}

extension JSONOutput {
    mutating func close(_ close: Close) {
        integer("code", close.code)
        string("reason", close.reason)
    }
}
